namespace OrtPeft;

/// <summary>Texts with the head's answer.</summary>
static class PredictionList
{
    const int LongestText = 320;

    internal static Html Draw(IReadOnlyList<PredictionReport> predictions) => $"""
        <ul class="predictions">{predictions.Select(Item)}</ul>
        """;

    static Html Item(PredictionReport prediction)
    {
        Html verdict = prediction.Gold is not { } gold ? Html.Empty
            : gold == prediction.Label ? (Html)$"""<span class="right">right</span>"""
            : (Html)$"""<span class="wrong">wrong, it is {LabelName.Draw(gold)}</span>""";
        return $"""
            <li>
            <p class="answer"><span class="label">{LabelName.Draw(prediction.Label)}</span>
            <span class="value">{Show.Percent(prediction.Score)}</span> {verdict}</p>
            <blockquote dir="auto">{Show.Shortened(prediction.Text, LongestText)}</blockquote>
            </li>
            """;
    }
}
