using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>Lengthens ids, mask and segments at the front, so that positions and masks follow by themselves, and puts trained rows in place of the new words' embeddings.</summary>
static class Prompt
{
    internal static void Hook(HookScope scope, int tokens)
    {
        var g = scope.Graph;
        var words = scope.Require(scope.Anatomy.Entry.Words?.Output, "embeddings.words");
        // Any token but padding will do: its embedding is replaced.
        var filler = scope.Backbone.RequireTokenizer().Encode("").Ids is [var first, ..] ? first : 0L;
        Lengthen(InputRole.Ids, filler);
        Lengthen(InputRole.Mask, 1);
        Lengthen(InputRole.TypeIds, 0);
        var width = g.ShapeOf(words)[^1].Value;
        var prompt = scope.Train("prompt", Initial.Normal(0.02), tokens, width);
        scope.After(words, e =>
        {
            var rows = g.Expand(g.Unsqueeze(prompt, 0), g.Concat(0, g.DimOf(e, 0), g.Vector(1, 1)));
            return g.Concat(1, rows, g.Slice(e, axis: 1, start: tokens, end: long.MaxValue));
        });
        scope.AddTokens(tokens);

        void Lengthen(InputRole role, long value)
        {
            if (scope.InputOf(role) is { } input)
                scope.After(input, x => g.Concat(1, g.Expand(g.Constant([value], 1, 1), g.Concat(0, g.DimOf(x, 0), g.Vector(tokens))), x));
        }
    }
}
