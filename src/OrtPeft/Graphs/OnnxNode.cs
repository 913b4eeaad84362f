using System.Text;

namespace OrtPeft.Graphs;

/// <summary>One operator call: reads its inputs and writes its outputs, by tensor name. An empty input name means "not given".</summary>
public sealed class OnnxNode
{
    /// <summary>Creates a node.</summary>
    public OnnxNode(string opType, IEnumerable<string> inputs, IEnumerable<string> outputs, string name = "", string domain = "")
    {
        OpType = opType;
        Inputs = [.. inputs];
        Outputs = [.. outputs];
        Name = name;
        Domain = domain;
    }

    /// <summary>The operator's name, for example <c>MatMul</c>.</summary>
    public string OpType { get; set; }

    /// <summary>The operator's domain; empty for the standard operators.</summary>
    public string Domain { get; set; }

    /// <summary>The node's own name; may be empty, need not be unique.</summary>
    public string Name { get; set; }

    /// <summary>Tensor names read; empty for optional inputs that are not given.</summary>
    public List<string> Inputs { get; }

    /// <summary>Tensor names written; empty for outputs nobody wants.</summary>
    public List<string> Outputs { get; }

    /// <summary>The attributes in the order of the file.</summary>
    public List<OnnxAttribute> Attributes { get; } = [];

    /// <summary>Fields this library does not interpret, as they stood in the file.</summary>
    internal byte[]? Rest { get; init; }

    /// <summary>FunctionProto overload; empty for operators.</summary>
    internal string Overload { get; init; } = "";

    /// <summary>The operator's key in tables: the type, with the domain in front when it is not a standard operator.</summary>
    internal string Key => IsStandard ? OpType : $"{Domain}.{OpType}";

    /// <summary>What the name of a node contains that is a constant to gradients.</summary>
    internal const string StopGradientName = "stop_gradient/";

    internal bool StopsGradient => OpType == "Identity" && Name.Contains(StopGradientName, StringComparison.Ordinal);

    internal bool IsStandard => Domain is "" or "ai.onnx";

    /// <summary>The attribute of that name, or null.</summary>
    public OnnxAttribute? Attribute(string name) => Attributes.Find(a => a.Name == name);

    /// <summary>Replaces or adds an attribute.</summary>
    public void Set(OnnxAttribute attribute)
    {
        Attributes.RemoveAll(a => a.Name == attribute.Name);
        Attributes.Add(attribute);
    }

    /// <summary>The integer attribute of that name, or <paramref name="otherwise"/>.</summary>
    public long Int(string name, long otherwise) => Attribute(name)?.Int ?? otherwise;

    /// <summary>The float attribute of that name, or <paramref name="otherwise"/>.</summary>
    public float Float(string name, float otherwise) => Attribute(name)?.Float ?? otherwise;

    /// <summary>The string attribute of that name, or <paramref name="otherwise"/>.</summary>
    public string Text(string name, string otherwise) =>
        Attribute(name)?.Text is { } bytes ? Encoding.UTF8.GetString([.. bytes]) : otherwise;

    /// <summary>The integer list of that name, or null.</summary>
    public IReadOnlyList<long>? Ints(string name) => Attribute(name)?.Ints;

    /// <summary>The input of that index, or an empty string when it is not given.</summary>
    public string Input(int index) => index < Inputs.Count ? Inputs[index] : "";

    /// <summary>The output of that index, or an empty string when it is not wanted.</summary>
    public string Output(int index) => index < Outputs.Count ? Outputs[index] : "";

    /// <summary>A node of its own with the same contents; attribute values are shared.</summary>
    public OnnxNode Copy()
    {
        var copy = new OnnxNode(OpType, Inputs, Outputs, Name, Domain) { Rest = Rest, Overload = Overload };
        copy.Attributes.AddRange(Attributes);
        return copy;
    }

    /// <summary>For messages: <c>MatMul 'encoder/query'</c>.</summary>
    public override string ToString() => $"{Key} '{(Name.Length > 0 ? Name : Outputs.Find(o => o.Length > 0))}'";

    /// <summary>The graphs inside this node (bodies of If, Loop, Scan).</summary>
    internal IEnumerable<OnnxGraph> Bodies =>
        Attributes.Count == 0 ? [] : Attributes.SelectMany(a => a.Graph is { } one ? [one] : a.Graphs ?? []);
}
