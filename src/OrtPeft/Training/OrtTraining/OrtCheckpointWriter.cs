using System.Runtime.InteropServices;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>The tables of a checkpoint, one method each; the slots are in <see cref="CheckpointSlots"/>.</summary>
static class OrtCheckpointWriter
{
    internal static void Write(OrtCheckpoint checkpoint, string path)
    {
        using var file = FlatWriter.File(CheckpointSlots.Identifier, Root(checkpoint));
        AtomicFile.Write(path, file.WriteTo);
    }

    static FlatValue.Table Root(OrtCheckpoint checkpoint) => new(
        FlatValue.Of(CheckpointSlots.Version),
        new FlatValue.Table(
            Tensors(checkpoint.Trainable),
            Tensors(checkpoint.Frozen), // the runtime insists on the vector, even an empty one
            checkpoint.IsNominal ? FlatValue.Of(true) : null),
        checkpoint.Optimizer.Count == 0 ? null : new FlatValue.Tables([.. checkpoint.Optimizer.Select(Group)]),
        checkpoint.Properties.Count == 0 ? null : Properties(checkpoint.Properties));

    static FlatValue.Tables Tensors(IEnumerable<OnnxTensor> tensors) => new([.. tensors.Select(t => Tensor(t, t.Name))]);

    static FlatValue.Table Tensor(OnnxTensor tensor, string name) => new(
        new FlatValue.Text(name),
        null,
        new FlatValue.Vector(MemoryMarshal.AsBytes(tensor.Dims.AsSpan()).ToArray(), 8, 8),
        FlatValue.Of((int)tensor.ElementType),
        new FlatValue.Vector(tensor.ToBytes(), 1, 16));

    static FlatValue.Table Group(OrtOptimizerGroup group) => new(
        new FlatValue.Text(group.Name),
        FlatValue.Of(group.Step),
        FlatValue.Of(group.InitialLearningRate),
        new FlatValue.Tables([.. group.Moments.Select(m => new FlatValue.Table(new FlatValue.Text(m.Key), Tensors(m.Value)))]));

    static FlatValue.Table Properties(IReadOnlyDictionary<string, object> properties) => new(
        Of<long>(properties, FlatValue.Of),
        Of<float>(properties, FlatValue.Of),
        Of<string>(properties, value => new FlatValue.Text(value)));

    static FlatValue.Tables? Of<T>(IReadOnlyDictionary<string, object> properties, Func<T, FlatValue> write)
    {
        FlatValue.Table[] tables = [.. properties.Where(p => p.Value is T).Select(p => new FlatValue.Table(new FlatValue.Text(p.Key), write((T)p.Value)))];
        return tables.Length == 0 ? null : new FlatValue.Tables(tables);
    }
}
