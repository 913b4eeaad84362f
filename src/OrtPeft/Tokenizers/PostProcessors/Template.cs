namespace OrtPeft;

/// <summary>One item of a template: a sequence (0 or 1) or, when <paramref name="Sequence"/> is -1, special tokens.</summary>
readonly record struct TemplateItem(int Sequence, int[] Ids, int TypeId)
{
    internal static TemplateItem Text(int sequence, int typeId) => new(sequence, [], typeId);

    internal static TemplateItem Special(int id, int typeId) => new(-1, [id], typeId);
}

/// <summary>How special tokens and sequences are put together, such as <c>[CLS] A [SEP] B [SEP]</c>.</summary>
sealed class Template(params TemplateItem[] items)
{
    internal static readonly Template BareSingle = new(TemplateItem.Text(0, 0));
    internal static readonly Template BarePair = new(TemplateItem.Text(0, 0), TemplateItem.Text(1, 1));

    internal ReadOnlySpan<TemplateItem> Items => items;

    /// <summary>How many special tokens it adds.</summary>
    internal int SpecialCount { get; } = items.Sum(i => i.Ids.Length);

    /// <summary>The largest id of a special token; -1 without any.</summary>
    internal int LargestId { get; } = items.SelectMany(i => i.Ids).DefaultIfEmpty(-1).Max();

    /// <summary>The same sequences and type ids, no special tokens.</summary>
    internal Template WithoutSpecials() => new([.. items.Where(i => i.Sequence >= 0)]);
}
