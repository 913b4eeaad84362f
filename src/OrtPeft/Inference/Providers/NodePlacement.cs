using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>Which provider a session's nodes went to. ONNX Runtime lets the processor take what a provider does not, and says nothing.</summary>
static unsafe partial class NodePlacement
{
    /// <summary>
    /// What the processor may do beside a device: shapes are computed where they are read. A device's provider has all of these too, so that one on the
    /// processor was left there for that reason.
    /// </summary>
    static readonly HashSet<string> ShapeWork =
    [
        "Shape", "Size", "Constant", "ConstantOfShape", "Gather", "Concat", "Slice", "Split", "Squeeze", "Unsqueeze", "Reshape", "Expand", "Cast", "Range", "Identity",
        "Add", "Sub", "Mul", "Div", "Mod", "Min", "Max", "Neg", "Abs", "Floor", "Ceil", "ReduceProd", "ReduceSum", "ReduceMax", "ReduceMin",
        "Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "Not", "And", "Or", "Where", "If", "MemcpyFromHost", "MemcpyToHost",
    ];

    /// <summary>Asks a session to remember where its nodes go; an ONNX Runtime that cannot is told to refuse any fallback.</summary>
    internal static void Watch(SessionOptions options) =>
        options.AddSessionConfigEntry(Api is null ? "session.disable_cpu_ep_fallback" : "session.record_ep_graph_assignment_info", "1");

    /// <exception cref="OrtPeftException">The provider took nothing, or left computing to the processor.</exception>
    internal static void Require(InferenceSession session, ExecutionProvider provider)
    {
        if (Api is null)
            return; // a fallback was refused already
        var placed = Of(session);
        var left = placed.Where(n => n.Provider != provider.RuntimeName && !ShapeWork.Contains(n.Operator)).ToArray();
        if (left.Length > 0)
        {
            var operators = left.GroupBy(n => n.Operator).Select(g => $"{g.Key} ({g.Count()})");
            throw new OrtPeftException($"The {provider.Name} provider cannot run {string.Join(", ", operators)} of this model; the first is node '{left[0].Node}'. " +
                "Nothing falls back to the processor unasked: use --provider cpu, or a form of the model without them.");
        }
        if (placed.Count > 0 && placed.All(n => n.Provider != provider.RuntimeName))
            throw new OrtPeftException($"The {provider.Name} provider took no node of this model. Use --provider cpu.");
    }

    /// <summary>Every node of a watched session with the provider that runs it, by ONNX Runtime's names.</summary>
    internal static IReadOnlyList<(string Node, string Operator, string Provider)> Of(InferenceSession session)
    {
        var nodes = new List<(string, string, string)>();
        void** subgraphs, members;
        nuint count, size;
        Check(((delegate* unmanaged<nint, void***, nuint*, nint>)Function(Slot.SessionGetEpGraphAssignmentInfo))(HandleOf(session), &subgraphs, &count));
        GC.KeepAlive(session);
        for (nuint i = 0; i < count; i++)
        {
            var provider = Text(Slot.SubgraphGetEpName, subgraphs[i]);
            Check(((delegate* unmanaged<void*, void***, nuint*, nint>)Function(Slot.SubgraphGetNodes))(subgraphs[i], &members, &size));
            for (nuint n = 0; n < size; n++)
                nodes.Add((Text(Slot.NodeGetName, members[n]), Text(Slot.NodeGetOperatorType, members[n]), provider));
        }
        return nodes;
    }

    /// <summary>Whether this ONNX Runtime can say it: 1.24 and later.</summary>
    internal static bool IsKnown => Api is not null;

    /// <summary>Places in ONNX Runtime's table of functions (OrtApi in onnxruntime_c_api.h), which only grows at its end.</summary>
    enum Slot
    {
        GetErrorMessage = 2,
        ReleaseStatus = 93,
        SessionGetEpGraphAssignmentInfo = 407,
        SubgraphGetEpName = 408,
        SubgraphGetNodes = 409,
        NodeGetName = 410,
        NodeGetOperatorType = 412,
    }

    const uint FirstVersion = 24;

    /// <summary>The C# bindings do not have these functions yet.</summary>
    static readonly void** Api = ((delegate* unmanaged<uint, void**>)OrtGetApiBase()[0])(FirstVersion);

    static void* Function(Slot slot) => Api[(int)slot];

    static string Text(Slot getter, void* of)
    {
        byte* text;
        Check(((delegate* unmanaged<void*, byte**, nint>)Function(getter))(of, &text));
        return Marshal.PtrToStringUTF8((nint)text) ?? "";
    }

    static void Check(nint status)
    {
        if (status == 0)
            return;
        var message = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint, nint>)Function(Slot.GetErrorMessage))(status));
        ((delegate* unmanaged<nint, void>)Function(Slot.ReleaseStatus))(status);
        throw new OrtPeftException($"ONNX Runtime cannot say where the model's nodes run: {message}");
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Handle")]
    static extern nint HandleOf(InferenceSession session);

    [LibraryImport("onnxruntime")]
    private static partial void** OrtGetApiBase();
}
