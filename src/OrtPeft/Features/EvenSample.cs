namespace OrtPeft;

/// <summary>Examples evenly spread over a list whose end is not known: at least <paramref name="size"/> of them, if there are so many, and less than twice as many.</summary>
sealed class EvenSample(int size)
{
    readonly List<Example> _kept = [];
    long _seen;
    long _step = 1;

    internal IReadOnlyList<Example> Kept => _kept;

    internal void Add(Example example)
    {
        if (_seen++ % _step != 0)
            return;
        _kept.Add(example);
        if (_kept.Count < 2 * size)
            return;
        // Every other one goes; from now on half as many come.
        for (var i = 0; i < size; i++)
            _kept[i] = _kept[2 * i];
        _kept.RemoveRange(size, size);
        _step *= 2;
    }
}
