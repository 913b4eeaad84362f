namespace OrtPeft;

/// <summary>One normalizer after the other.</summary>
sealed class SequenceNormalizer(Normalizer[] steps) : Normalizer
{
    internal static SequenceNormalizer Read(JsonPart json) => new([.. json["normalizers"].Items().Select(Normalizers.Table.Read)]);

    internal override void Apply(in AlignedView source, AlignedText target, Scratch scratch)
    {
        if (steps.Length == 0)
        {
            target.Add(source, 0, source.Text.Length);
            return;
        }
        var (from, to) = (scratch.Rent(target.Tracked), scratch.Rent(target.Tracked));
        var view = source;
        for (var i = 0; i < steps.Length - 1; i++)
        {
            to.Clear(target.Tracked);
            steps[i].Apply(view, to, scratch);
            (from, to) = (to, from);
            view = from.View(0, from.Length, source.Base);
        }
        steps[^1].Apply(view, target, scratch);
        scratch.Return(from);
        scratch.Return(to);
    }
}
