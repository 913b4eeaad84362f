using System.Text.Json;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// How much the loss depends on each channel. With f [examples, tokens, width] and g the gradient of each example's own loss, setting channel c of example b to
/// zero changes its loss by about -sum_n f[b,n,c] g[b,n,c] (arXiv 2303.07910, first order). All ways to rank are computed in one pass.
/// </summary>
static class ChannelScores
{
    const string Mark = ".ttc.";

    /// <summary>Scores every channel of every place.</summary>
    internal static Finding Find(StageRun run, TtcOptions options)
    {
        Sums[] sums = [];
        var classes = run.Train.Targets.Kind == TargetKind.Class ? run.Task.Outputs : 1;
        var watched = ScoringPass.Run(run, scope => Ttc.Places(scope, options).Select(p => Watch(scope, p)), [Taylor, Squares], (tensor, example, values) =>
        {
            if (tensor == sums.Length)
                sums = [.. sums, new Sums(classes, values[0].Count)];
            sums[tensor].Add(classes == 1 ? 0 : run.Train.Targets.Class(example), values[0], values[1]);
        });
        return new Finding([.. watched.Zip(sums, (w, s) => Enum.GetValues<TtcScore>().Select(score => Tensor($"{w.Name}.{Word(score)}", s.Of(score, run.Training.Seed, w.Name)))).SelectMany(t => t)], []);
    }

    /// <summary>The scores of every place that were computed in one way.</summary>
    internal static IReadOnlyList<TrainedTensor> Of(Finding found, TtcScore score) => [.. found.Values.Where(v => IsScore(v.Name) && v.Name.EndsWith($".{Word(score)}", StringComparison.Ordinal))];

    /// <summary>The <paramref name="count"/> largest, in ascending order of channels; of equal ones the lower channel.</summary>
    internal static PlaceSet Best(TrainedTensor scores, int count) => new(PlaceOf(scores.Name) + ".channels",
        [.. Enumerable.Range(0, scores.Values.Length).OrderByDescending(c => scores.Values[c]).ThenBy(c => c).Take(count).Order().Select(c => (long)c)]);

    internal static bool IsScore(string name) => name.Contains(Mark, StringComparison.Ordinal);

    /// <summary>"layer.0.ttc.attn" of "layer.0.ttc.attn.absolute".</summary>
    internal static string PlaceOf(string score) => score[..score.LastIndexOf('.')];

    /// <summary>A choice as options name it.</summary>
    internal static string Word<T>(T choice)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(choice.ToString());

    static TrainedTensor Tensor(string name, float[] values) => new(name, [values.Length], values);

    static WatchedTensor Watch(HookScope scope, TtcPlace place) => new(place.Name, scope.Require(place.Tensor, place.Site), place.Linear?.OutWidth ?? place.Columns.Count, place.Columns);

    /// <summary>sum_n f g.</summary>
    static string Taylor(GraphBuilder g, string f, string gradient, string mask) => g.ReduceSum(g.Mul(f, gradient), [1], keepDims: false);

    /// <summary>Sum of f^2 over all tokens but the first, padding left out.</summary>
    static string Squares(GraphBuilder g, string f, string gradient, string mask)
    {
        var rest = g.Slice(g.Mul(f, mask), axis: 1, start: 1, end: int.MaxValue);
        return g.ReduceSum(g.Mul(rest, rest), [1], keepDims: false);
    }

    /// <summary>Sums over examples, class by class.</summary>
    sealed class Sums(int classes, int width)
    {
        readonly int[] _examples = new int[classes];
        readonly double[][] _absolute = Matrix(classes, width);
        readonly double[][] _norms = Matrix(classes, width);
        readonly double[] _squared = new double[width];

        internal void Add(int label, ReadOnlySpan<float> taylor, ReadOnlySpan<float> squares)
        {
            _examples[label]++;
            for (var c = 0; c < width; c++)
            {
                _absolute[label][c] += Math.Abs((double)taylor[c]);
                _squared[c] += (double)taylor[c] * taylor[c];
                _norms[label][c] += squares[c];
            }
        }

        internal float[] Of(TtcScore score, long seed, string place)
        {
            var random = new CounterRandom(seed, "channels/" + place);
            var present = Enumerable.Range(0, classes).Where(k => _examples[k] > 0).ToArray();
            return [.. Enumerable.Range(0, width).Select(c => (float)(score switch
            {
                TtcScore.Absolute => _absolute.Sum(k => k[c]) / _examples.Sum(),
                TtcScore.Squared => _squared[c] / _examples.Sum(),
                TtcScore.ClassBalanced => present.Average(k => _absolute[k][c] / _examples[k]),
                TtcScore.L2 => present.Average(k => Math.Sqrt(_norms[k][c])),
                _ => random.NextSingle(),
            }))];
        }

        static double[][] Matrix(int rows, int columns) => [.. Enumerable.Range(0, rows).Select(_ => new double[columns])];
    }
}
