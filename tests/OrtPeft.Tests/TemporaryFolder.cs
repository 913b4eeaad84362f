namespace OrtPeft.Tests;

/// <summary>A folder that goes away with the test.</summary>
sealed class TemporaryFolder : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ortpeft-test-");

    internal string this[string name] => Path.Combine(_folder.FullName, name);

    internal static void FlipBit(string file, long position, int bit = 3)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite);
        stream.Position = position;
        var value = stream.ReadByte();
        stream.Position = position;
        stream.WriteByte((byte)(value ^ (1 << bit)));
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
