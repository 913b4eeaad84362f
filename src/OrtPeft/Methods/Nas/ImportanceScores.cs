namespace OrtPeft;

/// <summary>
/// The first-order estimate of what pruning a unit costs (arXiv 2305.16597): with delta what training has added to an entry and g its gradient, taking the
/// unit G back to the start changes the loss by about I_G = sum over G of -delta g. Scores are means of I_G, |I_G| or I_G^2 over the minibatches of an epoch.
/// </summary>
sealed class ImportanceScores : IStepObserver
{
    readonly SearchSpace _space;
    readonly ImportanceKind _kind;
    readonly IReadOnlyList<TrainedTensor> _start;
    readonly Dictionary<string, int> _places;
    readonly double[][] _sums;
    int _batches;

    /// <param name="space">What is scored.</param>
    /// <param name="start">The trained tensors before training.</param>
    /// <param name="kind">What is summed up.</param>
    /// <param name="epoch">The epoch, from 1.</param>
    internal ImportanceScores(SearchSpace space, IReadOnlyList<TrainedTensor> start, ImportanceKind kind, int epoch)
    {
        (_space, _start, _kind, Epoch) = (space, start, kind, epoch);
        _places = start.Index().ToDictionary(t => t.Item.Name, t => t.Index);
        _sums = [.. space.Parts.Select(p => new double[p.Units.Length])];
    }

    public int Epoch { get; }

    public void See(TrainingStep step)
    {
        _batches++;
        for (var p = 0; p < _sums.Length; p++)
        {
            var estimates = new double[_sums[p].Length];
            foreach (var tensor in _space.Parts[p].Tensors)
            {
                var place = _places[tensor];
                Estimate(_start[place].Values, step.Value(place), step.Gradient(place), estimates);
            }
            for (var unit = 0; unit < estimates.Length; unit++)
                _sums[p][unit] += Of(estimates[unit]);
        }
    }

    static void Estimate(ReadOnlySpan<float> start, ReadOnlySpan<float> values, ReadOnlySpan<float> gradients, double[] estimates)
    {
        for (var first = 0; first < values.Length; first += estimates.Length)
        {
            for (var unit = 0; unit < estimates.Length; unit++)
                estimates[unit] -= ((double)values[first + unit] - start[first + unit]) * gradients[first + unit];
        }
    }

    double Of(double estimate) => _kind switch
    {
        ImportanceKind.Absolute => Math.Abs(estimate),
        ImportanceKind.Squared => estimate * estimate,
        _ => estimate,
    };

    /// <summary>The scores: for each part, under its name, those of its units.</summary>
    public IReadOnlyList<TrainedTensor> Result =>
        [.. _space.Parts.Zip(_sums, (part, sums) => new TrainedTensor(part.Name, [sums.Length], [.. sums.Select(s => (float)(s / Math.Max(1, _batches)))]))];
}
