namespace OrtPeft;

/// <summary>The report's picture of TTC: the scores of all channels, layer by layer, and which were chosen.</summary>
static class ChannelPicture
{
    internal static HeatMap Of(TtcOptions options, Finding found) => new(
        "Channels by score",
        $"One strip a map, one shade a channel: the darker, the higher its score ({ChannelScores.Word(options.Score)}), each strip on a scale of its own. Marked below: the channels that the map was trained on.",
        [.. ChannelScores.Of(found, options.Score).Select(scores =>
        {
            var place = ChannelScores.PlaceOf(scores.Name);
            return new HeatRow(place.Replace(".ttc.", " ", StringComparison.Ordinal), scores.Values, found.PlacesOf($"{place}.channels", scores.Values.Length));
        })]);
}
