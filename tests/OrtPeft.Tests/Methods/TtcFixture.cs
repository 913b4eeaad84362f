namespace OrtPeft.Tests;

/// <summary>The reference's scores and channels of TTC: three layers of width 32, four channels a map.</summary>
static class TtcFixture
{
    internal static IEnumerable<(int Layer, string Map)> Places(TtcPosition position) =>
        from layer in Enumerable.Range(0, 3)
        from map in position == TtcPosition.Qkv ? ["q", "v"] : new[] { ChannelScores.Word(position) }
        select (layer, map);

    internal static long[] Index(string map)
    {
        using var scores = Open();
        return scores.ReadInt64s($"{map}.index");
    }

    internal static float[] Scores(string map, string kind)
    {
        using var scores = Open();
        return scores.ReadSingles($"{map}.{kind}");
    }

    static SafetensorsFile Open() => SafetensorsFile.Open(Path.Combine(TestContext.CurrentContext.TestDirectory, "Fixtures", "methods", "ttc", "scores", "scores.safetensors"));
}
