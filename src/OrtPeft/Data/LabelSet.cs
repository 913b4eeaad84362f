using System.Collections;

namespace OrtPeft;

/// <summary>The labels of a task in a fixed order. The position of a label is the class index that a head is trained on.</summary>
public sealed class LabelSet : IReadOnlyList<string>
{
    readonly string[] _labels;
    readonly Dictionary<string, int> _indexes;

    /// <summary>Takes labels in the given order.</summary>
    /// <exception cref="OrtPeftException">There are fewer than two, or one is named twice.</exception>
    public LabelSet(IEnumerable<string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        _labels = [.. labels];
        if (_labels.Length < 2)
            throw new OrtPeftException($"Training needs at least two labels; found {DataError.List(_labels)}.");
        _indexes = new(_labels.Length);
        for (var i = 0; i < _labels.Length; i++)
            if (!_indexes.TryAdd(_labels[i], i))
                throw new OrtPeftException($"The label {DataError.Quote(_labels[i])} is named twice.");
    }

    /// <summary>Number of labels.</summary>
    public int Count => _labels.Length;

    /// <summary>The label with a class index.</summary>
    public string this[int index] => _labels[index];

    /// <summary>The distinct labels of training data, in ordinal order.</summary>
    /// <exception cref="OrtPeftException">An example has no label, or there is only one label.</exception>
    public static LabelSet From(TextData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        SortedSet<string> labels = new(StringComparer.Ordinal);
        foreach (var example in data)
            labels.Add(example.Label ?? throw NoLabel(data, example));
        return labels.Count > 1
            ? new(labels)
            : throw DataError.At(data.Source, 0, $"training needs at least two labels; every example has the label {DataError.List(labels)}.");
    }

    /// <summary>The class index of a label, or -1 when it is none of these.</summary>
    public int IndexOf(string label) => _indexes.GetValueOrDefault(label, -1);

    /// <summary>The class index of every example.</summary>
    /// <exception cref="OrtPeftException">An example has no label or one that is none of these; the message names file, line, id and the
    /// known labels.</exception>
    public int[] IndexesOf(TextData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        var indexes = new int[data.Count];
        for (var i = 0; i < indexes.Length; i++)
        {
            var example = data[i];
            indexes[i] = IndexOf(data, example, example.Label ?? throw NoLabel(data, example));
        }
        return indexes;
    }

    /// <summary>The class index of a label of an example; an error that says where when it is none of these.</summary>
    internal int IndexOf(TextData data, Example example, string label) => IndexOf(label) is >= 0 and var index
        ? index
        : throw DataError.At(data.Source, example.Line,
            $"example {DataError.Quote(example.Id)} has the unknown label {DataError.Quote(label)}; the labels are {DataError.List(_labels)}.");

    /// <inheritdoc/>
    public IEnumerator<string> GetEnumerator() => ((IEnumerable<string>)_labels).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    static OrtPeftException NoLabel(TextData data, Example example) =>
        DataError.At(data.Source, example.Line, $"example {DataError.Quote(example.Id)} has no label. Is the right label column named?");
}
