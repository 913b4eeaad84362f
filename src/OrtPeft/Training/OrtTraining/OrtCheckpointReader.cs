using OrtPeft.Graphs;
using static OrtPeft.CheckpointSlots;

namespace OrtPeft;

/// <summary>Reads checkpoints of the generator, of the runtime and of this library, and refuses everything else.</summary>
static class OrtCheckpointReader
{
    internal static OrtCheckpoint Read(string path)
    {
        var bytes = Bytes(path);
        try
        {
            return Read(FlatReader.Root(bytes, Identifier));
        }
        catch (FormatException e)
        {
            throw new OrtPeftException($"'{path}' is not a sound ONNX Runtime training checkpoint: {e.Message}. Generate the artifacts again, or restore the file.", e);
        }
    }

    static byte[] Bytes(string path)
    {
        if (Directory.Exists(path))
            throw new OrtPeftException($"'{path}' is a folder; expected the checkpoint file of ONNX Runtime 1.16 or later. Older checkpoints are folders: generate the artifacts again.");
        if (!File.Exists(path))
            throw new OrtPeftException($"Checkpoint '{path}' does not exist.");
        if (new FileInfo(path).Length > Array.MaxLength)
            throw new OrtPeftException($"Checkpoint '{path}' is larger than 2 GB, which no checkpoint is.");
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OrtPeftException($"Checkpoint '{path}' cannot be read: {e.Message}", e);
        }
    }

    static OrtCheckpoint Read(FlatTable root)
    {
        var version = root.Int32(CheckpointSlots.Checkpoint.Version);
        if (version != CheckpointSlots.Version)
            throw new FormatException($"it has version {version}, expected {CheckpointSlots.Version}");
        var module = root.Table(CheckpointSlots.Checkpoint.ModuleState) ?? throw new FormatException("it has no parameters");
        if (module.Bool(ModuleState.HasExternalData))
            throw new FormatException("its values lie in another file, which is not supported; save it with less than 2 GB of parameters");
        foreach (var (slot, name) in new[] { (ModuleState.Trainable, "requires_grad_params"), (ModuleState.Frozen, "frozen_params") })
        {
            if (!module.Has(slot))
                throw new FormatException($"it lacks the list {name}");
        }
        var nominal = module.Bool(ModuleState.IsNominal);
        var names = new HashSet<string>();
        return new OrtCheckpoint
        {
            Trainable = [.. module.Tables(ModuleState.Trainable).Select(t => Tensor(t, nominal, names))],
            Frozen = [.. module.Tables(ModuleState.Frozen).Select(t => Tensor(t, nominal, names))],
            IsNominal = nominal,
            Optimizer = [.. root.Tables(CheckpointSlots.Checkpoint.OptimizerGroups).Select(Group)],
            Properties = root.Table(CheckpointSlots.Checkpoint.PropertyBag) is { } bag ? Properties(bag) : new Dictionary<string, object>(),
        };
    }

    static OnnxTensor Tensor(FlatTable table, bool nominal, HashSet<string> names)
    {
        var name = Name(table, CheckpointSlots.Tensor.Name);
        if (!names.Add(name))
            throw new FormatException($"it has two tensors called '{name}'");
        var dims = table.Int64s(CheckpointSlots.Tensor.Dims) ?? throw new FormatException($"tensor '{name}' has no shape");
        var type = (OnnxType)table.Int32(CheckpointSlots.Tensor.DataType);
        if (type.Bits() is 0 || type.Bits() % 8 != 0)
            throw new FormatException($"tensor '{name}' has the data type {(int)type}, which is not supported");
        var data = table.Bytes(CheckpointSlots.Tensor.RawData) ?? throw new FormatException($"tensor '{name}' has no values");
        if (nominal)
            return new OnnxTensor(name, type, dims, new TensorData(data));
        var expected = Length(dims, type);
        if (expected != data.Length)
            throw new FormatException($"tensor '{name}' {type.Text()}[{string.Join(", ", dims)}] has {data.Length} bytes of values, expected {expected?.ToString() ?? "fewer elements"}");
        return OnnxTensor.FromBytes(name, type, data, dims);
    }

    /// <summary>Bytes of a tensor; null when there is no such tensor.</summary>
    static long? Length(long[] dims, OnnxType type)
    {
        if (dims.Any(d => d < 0))
            return null;
        if (dims.Contains(0))
            return 0;
        var length = type.Bits() / 8L;
        foreach (var dim in dims)
        {
            if (dim > int.MaxValue / length)
                return null;
            length *= dim;
        }
        return length;
    }

    static OrtOptimizerGroup Group(FlatTable table)
    {
        var moments = new Dictionary<string, IReadOnlyList<OnnxTensor>>();
        foreach (var state in table.Tables(OptimizerGroup.States))
        {
            var parameter = Name(state, ParameterState.Name);
            var names = new HashSet<string>();
            if (!moments.TryAdd(parameter, [.. state.Tables(ParameterState.Moments).Select(t => Tensor(t, false, names))]))
                throw new FormatException($"it has the optimizer's state of '{parameter}' twice");
        }
        return new OrtOptimizerGroup(Name(table, OptimizerGroup.Name), table.Int64(OptimizerGroup.Step), table.Single(OptimizerGroup.InitialLearningRate), moments);
    }

    static Dictionary<string, object> Properties(FlatTable bag)
    {
        var properties = new Dictionary<string, object>();
        Add(PropertyBag.Ints, p => p.Int64(Property.Value));
        Add(PropertyBag.Floats, p => p.Single(Property.Value));
        Add(PropertyBag.Strings, p => p.Text(Property.Value) ?? "");
        return properties;

        void Add(int slot, Func<FlatTable, object> value)
        {
            foreach (var property in bag.Tables(slot))
            {
                var name = Name(property, Property.Name);
                if (!properties.TryAdd(name, value(property)))
                    throw new FormatException($"it has the property '{name}' twice");
            }
        }
    }

    static string Name(FlatTable table, int slot) => table.Text(slot) is { Length: > 0 } name ? name : throw new FormatException($"the table at byte {table.Position} has no name");
}
