namespace OrtPeft;

/// <summary>The schema of the checkpoint file (onnxruntime, ort_training_checkpoint.fbs): the slot of each field in its table.</summary>
static class CheckpointSlots
{
    internal const string Identifier = "ODTC";

    /// <summary>The only version that runtimes from 1.16 on read.</summary>
    internal const int Version = 2;

    internal static class Checkpoint
    {
        internal const int Version = 0, ModuleState = 1, OptimizerGroups = 2, PropertyBag = 3;
    }

    internal static class ModuleState
    {
        internal const int Trainable = 0, Frozen = 1, IsNominal = 2, HasExternalData = 3;
    }

    internal static class Tensor
    {
        internal const int Name = 0, Dims = 2, DataType = 3, RawData = 4;
    }

    internal static class OptimizerGroup
    {
        internal const int Name = 0, Step = 1, InitialLearningRate = 2, States = 3;
    }

    internal static class ParameterState
    {
        internal const int Name = 0, Moments = 1;
    }

    internal static class PropertyBag
    {
        internal const int Ints = 0, Floats = 1, Strings = 2;
    }

    internal static class Property
    {
        internal const int Name = 0, Value = 1;
    }
}
