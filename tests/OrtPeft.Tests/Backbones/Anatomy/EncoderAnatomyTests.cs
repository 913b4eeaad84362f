using OrtPeft.Graphs;

namespace OrtPeft.Tests;

/// <summary>Anatomy against the truth about all backbones and exporters: every site is found, none is wrong.</summary>
sealed class EncoderAnatomyTests
{
    /// <summary>Of these the truth knows the table, not the tensor.</summary>
    static readonly HashSet<string> TablesOnly = ["position", "token_type", "cls"];

    static IEnumerable<string> Exports => SiteTruth.Exports;

    [TestCaseSource(nameof(Exports))]
    public void Every_site_is_found_and_none_is_wrong(string export)
    {
        var truth = SiteTruth.Of(export);
        var found = AnatomyTable.Found(EncoderAnatomy.Find(SiteTruth.Model(export))!);
        using (Assert.EnterMultipleScope())
        {
            foreach (var (name, site) in truth.Sites)
            {
                Assert.That(found.Keys, Does.Contain(name));
                if (!TablesOnly.Contains(name))
                {
                    Assert.That(found[name].Tensor, Is.EqualTo(site.Tensor), name);
                    Assert.That(found[name].Reason, site.Tensor is null ? Is.Not.Null.And.Not.Empty : Is.Null, name);
                }
            }
            Assert.That(found.Where(f => !truth.Sites.ContainsKey(f.Key) && f.Value is not { Linear: null, Norm: null, Embedding: null }).Select(f => f.Value.Role),
                Is.All.AnyOf("attention.q", "attention.k", "attention.v", "attention.qkv", "attention.relative-q", "attention.relative-k", "ffn.gate"), "parts of packed products, and second uses of a weight");
        }
    }

    [TestCaseSource(nameof(Exports))]
    public void Parameters_are_where_they_are_read(string export)
    {
        var truth = SiteTruth.Of(export);
        var found = AnatomyTable.Found(EncoderAnatomy.Find(SiteTruth.Model(export))!);
        using (Assert.EnterMultipleScope())
        {
            foreach (var (name, site) in truth.Sites)
            {
                Check(name + ".weight", site.Weight, found[name].Linear?.Weight ?? found[name].Norm?.Scale ?? found[name].Embedding?.Table, found[name].Linear);
                Check(name + ".bias", site.Bias, found[name].Linear?.Bias ?? found[name].Norm?.Bias ?? found[name].Embedding?.Bias, found[name].Linear);
            }
        }
    }

    [TestCaseSource(nameof(Exports))]
    public void Layers_heads_and_the_place_of_norms_are_told(string export)
    {
        var truth = SiteTruth.Of(export);
        var anatomy = EncoderAnatomy.Find(SiteTruth.Model(export))!;
        Assert.That(anatomy.Layers, Has.Count.EqualTo(truth.Layers));
        Assert.That(anatomy.Layers, Is.All.Matches<EncoderLayer>(l => l.Heads == truth.Heads && l.HeadWidth == truth.HeadWidth && $"{l.NormStyle}".Equals(truth.NormStyle, StringComparison.OrdinalIgnoreCase)));
        Assert.That(anatomy.Layers.SelectMany(l => new[] { l.AttentionNorm, l.FeedForwardNorm }).OfType<NormSite>(),
            Is.All.Matches<NormSite>(n => n.IsRms == truth.NormKind.StartsWith("RMS", StringComparison.Ordinal) && Math.Abs(n.Epsilon - Epsilon(truth.NormKind)) <= 1e-6 * Epsilon(truth.NormKind)));
    }

    /// <summary>DeBERTa multiplies queries and keys of relative positions by the same weights: a change there must be made twice.</summary>
    [TestCase("deberta-v2/legacy-opset14.onnx")]
    [TestCase("deberta-v2/dynamo-opset18.onnx")]
    public void The_second_use_of_a_weight_is_found(string export)
    {
        foreach (var layer in EncoderAnatomy.Find(SiteTruth.Model(export))!.Layers)
        {
            Assert.That(layer.RelativeQuery!.Weight.Tensor, Is.SameAs(layer.Query!.Weight.Tensor));
            Assert.That(layer.RelativeQuery.Input, Is.EqualTo(layer.RelativeKey!.Input).And.Not.EqualTo(layer.Query.Input));
            Assert.That(layer.RelativeKey!.Weight.Tensor, Is.SameAs(layer.Key!.Weight.Tensor));
            Assert.That(layer.RelativeKey.Bias!.Tensor, Is.SameAs(layer.Key.Bias!.Tensor));
        }
    }

    /// <summary>An edit at a site reaches all readers: what else holds its values is computed from it.</summary>
    [TestCaseSource(nameof(Exports))]
    public void Copies_of_a_site_lie_behind_it(string export)
    {
        var index = new GraphIndex(SiteTruth.Model(export).Graph);
        bool IsBehind(string copy, string tensor) => copy == tensor || (index.Producer(copy) is { } node && node.Inputs.Any(i => IsBehind(i, tensor)));
        using (Assert.EnterMultipleScope())
        {
            foreach (var (name, site) in SiteTruth.Of(export).Sites.Where(s => s.Value.Copies is not null))
                Assert.That(site.Copies, Is.All.Matches<string>(c => IsBehind(c, site.Tensor!)), name);
        }
    }

    static void Check(string name, SiteTruth.Place? expected, ParameterSite? found, LinearSite? linear)
    {
        if (expected is null)
        {
            Assert.That(found, Is.Null, name);
            return;
        }
        Assert.That(found?.Tensor.Name, Is.AnyOf(expected.Names), name);
        if (found is null)
            return;
        var form = (linear is { IsPacked: true }, expected.Form.Contains("transposed", StringComparison.Ordinal));
        Assert.That(form, Is.EqualTo((expected.Form.StartsWith("block", StringComparison.Ordinal), linear?.Layout == WeightLayout.InOut && name.EndsWith("weight", StringComparison.Ordinal))), name);
        if (linear is { IsPacked: true })
            Assert.That(linear.Columns[0].Start, Is.EqualTo(expected.Offset), name);
        // Behind a conversion of the stored type the truth names the conversion.
        if (found.Node.Input(found.Input) == found.Tensor.Name)
            Assert.That($"{found.Node.OpType} {found.Input} {found.Node.Output(0)}", Is.AnyOf(expected.At), name);
    }

    static double Epsilon(string kind) => double.Parse(kind.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture);
}
