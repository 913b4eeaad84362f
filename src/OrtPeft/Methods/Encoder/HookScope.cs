using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>What a method sees of an encoder: its sites, the operators to write with, and how its trained tensors enter.</summary>
sealed class HookScope
{
    readonly Dropouts _dropouts;
    readonly long? _seed;
    readonly IReadOnlyDictionary<string, TrainedTensor>? _trained;
    readonly TaskStacks? _stacks;
    readonly List<TrainedTensor> _initial = [];
    readonly List<string> _frozen = [];
    readonly ParameterEdits _edits;
    int _addedTokens;

    HookScope(Backbone backbone, Dropouts dropouts, long? seed = null, IReadOnlyDictionary<string, TrainedTensor>? trained = null, bool severalTasks = false)
    {
        var model = backbone.Model.Copy();
        ReservedNames.Free(model);
        var anatomy = AnatomyOf(model);
        if (anatomy.Sites.Any(s => s.Tensor is null && s.Linear is not null))
            anatomy = AnatomyOf(model = EncoderUnfusing.Apply(model, AnatomyOf));
        (Graph, Anatomy, Backbone, Hidden, _dropouts, _seed, _trained) = (GraphBuilder.Edit(model), anatomy, backbone, backbone.LastHiddenState, dropouts, seed, trained);
        _edits = new ParameterEdits(Graph);
        _stacks = severalTasks ? new TaskStacks(Graph, backbone) : null;

        EncoderAnatomy AnatomyOf(OnnxModel graph) =>
            EncoderAnatomy.Of(graph, [.. backbone.InputNames.Where(i => backbone.RoleOf(i) != InputRole.Mask)], backbone.LastHiddenState, backbone.NamedSites);
    }

    /// <summary>Begins with a copy of the backbone's graph.</summary>
    /// <param name="backbone">The backbone; it is not changed.</param>
    /// <param name="dropouts">Takes the masks that training feeds in.</param>
    /// <param name="seed">Seed of the values at the start; null does not compute them.</param>
    internal static HookScope Over(Backbone backbone, Dropouts dropouts, long? seed = null) => new(backbone, dropouts, seed);

    /// <summary>The same for a trained result: trained tensors are constants of the graph.</summary>
    internal static HookScope OverTrained(Backbone backbone, IEnumerable<TrainedTensor> trained) =>
        new(backbone, new Dropouts(training: false), trained: trained.ToDictionary(t => t.Name));

    /// <summary>The same for several tasks, whose trained tensors lie above one another: each row of a batch reads those of its own task.</summary>
    internal static HookScope OverTasks(Backbone backbone) => new(backbone, new Dropouts(training: false), severalTasks: true);

    /// <summary>The graph that is edited.</summary>
    internal GraphBuilder Graph { get; }

    /// <summary>The sites.</summary>
    internal EncoderAnatomy Anatomy { get; }

    internal Backbone Backbone { get; }

    /// <summary>The hidden states of the last layer: [rows, sequence, width].</summary>
    internal string Hidden { get; private set; }

    /// <summary>What is trained; with values at the start when a seed was given.</summary>
    internal IReadOnlyList<TrainedTensor> Initial => _initial;

    /// <summary>Everything whose value is not the backbone's: what is trained, and what an earlier stage has trained.</summary>
    internal IEnumerable<string> Changed => Initial.Select(t => t.Name).Concat(_frozen);

    /// <summary>What the hooks of several tasks have declared.</summary>
    internal IReadOnlyList<TaskStack> Stacks => _stacks!.All;

    /// <summary>Writes the hooks of those tasks that were trained in one way; for other tasks they change nothing.</summary>
    internal void HookTasks(TaskGroup group)
    {
        _stacks!.Begin(group);
        group.Hook(this);
    }

    /// <summary>Declares a trained tensor; returns the tensor to read. With several tasks it has a first dimension more, the rows; a vector is [rows, 1, width] then.</summary>
    /// <param name="name">Its name in adapters, such as "layer.3.attention.q.bias".</param>
    /// <param name="initial">Its values at the start.</param>
    /// <param name="shape">Its shape.</param>
    internal string Train(string name, InitialValues initial, params long[] shape) => TrainAt(1, name, initial, shape);

    /// <summary>Declares a tensor that is trained at a multiple of the run's learning rate.</summary>
    internal string TrainAt(double rate, string name, InitialValues initial, params long[] shape)
    {
        if (_stacks is not null)
            return _stacks.Rows(name, initial.Neutral, shape);
        _initial.Add(new TrainedTensor(name, shape, _seed is { } seed ? initial.AtStart(name, seed, shape) : []) { Rate = rate });
        if (_trained is not null)
            return Graph.Initializer(OnnxTensor.FromFloats(name, Trained(name), shape));
        return Graph.Input(name, OnnxType.Float, [.. shape.Select(d => (Dim)d)]);
    }

    /// <summary>Trains a parameter of the backbone itself, beginning with the value it has; once, also where several methods do.</summary>
    internal void TrainInPlace(string name, ParameterSite site)
    {
        if (_stacks is not null)
        {
            RequireOnePlace(name, site.Second);
            _stacks.InPlace(name, site);
            return;
        }
        if (_initial.Exists(t => t.Name == name))
            return;
        _edits.Replace(site, Train(name, OrtPeft.Initial.From(site.Tensor), site.Tensor.Dims));
        // What fuses afterwards changes the trained value.
        if (_trained is not null)
            _edits.Note(site, OnnxTensor.FromFloats(name, Trained(name), site.Tensor.Dims));
    }

    /// <summary>Adds a term to a parameter of the backbone.</summary>
    internal void AddTo(ParameterSite site, string term)
    {
        foreach (var place in site.Places)
        {
            var current = place.Node.Input(place.Input);
            place.Node.Inputs[place.Input] = Graph.Add(current, Graph.Cast(term, Graph.TypeOf(current)));
        }
    }

    /// <summary>Gives a parameter of the backbone the value that an earlier stage has trained; it is not trained any more.</summary>
    internal void Freeze(ParameterSite site, TrainedTensor value)
    {
        _frozen.Add(Graph.Initializer(OnnxTensor.FromFloats(value.Name, value.Values, site.Tensor.Dims)));
        _edits.Replace(site, _frozen[^1]);
    }

    /// <summary>Rows of a trained table [entries, width] by <paramref name="indices"/> [rows, sequence].</summary>
    internal string Lookup(string table, string indices) => _stacks is null
        ? Graph.Gather(table, indices)
        : Graph.Node("GatherND", [table, Graph.Unsqueeze(indices, 2)], new OnnxAttribute("batch_dims", 1));

    /// <summary>The values of a trained tensor, where it is a constant.</summary>
    internal float[] Trained(string name) => _trained![name].Values;

    /// <summary>The weight of a linear layer as the graph reads it, [in, out]; of a packed product the layer's own columns.</summary>
    internal string WeightOf(LinearSite site)
    {
        var weight = Graph.Cast(site.Node.Input(site.Weight.Input), OnnxType.Float);
        weight = site.Layout == WeightLayout.InOut ? weight : Graph.SwapLastTwo(weight);
        return ColumnsOf(site, weight, axis: 1);
    }

    /// <summary>The bias of a linear layer as the graph reads it; of a packed product the layer's own part.</summary>
    internal string BiasOf(LinearSite site) => ColumnsOf(site, Graph.Cast(site.Bias!.Node.Input(site.Bias.Input), OnnxType.Float), axis: 0);

    string ColumnsOf(LinearSite site, string tensor, int axis) =>
        site.IsPacked ? Graph.Concat(axis, [.. site.Columns.Select(c => Graph.Slice(tensor, axis, c.Start, c.Start + c.Count))]) : tensor;

    /// <summary>Changes the weight of a linear layer for good; other layers that read the same constant keep it.</summary>
    internal void EditWeight(LinearSite site, string name, Action<WeightMatrix> edit)
    {
        if (site.IsQuantized)
            throw Unreachable(name, "is quantized, so nothing can be added to its weight");
        _edits.Edit(site.Weight, $"{name}.weight", values => edit(new WeightMatrix(values, site)));
    }

    /// <summary>Multiplies the output of a linear layer, bias included, by factors and adds a shift, for good.</summary>
    internal void ScaleOutput(LinearSite site, string name, float[] factors, float[]? shift = null)
    {
        EditWeight(site, name, w => w.ScaleColumns(factors));
        if (site.Bias is null && shift is not null)
            Add(site, name, _ => Graph.Constant(shift, shift.Length));
        else if (site.Bias is { } bias)
            EditVector(bias, name, (v, i) => v * factors[i] + (shift?[i] ?? 0), [.. site.Columns.SelectMany(c => Enumerable.Range(c.Start, c.Count))]);
    }

    /// <summary>Changes the entries of a vector, or those in <paramref name="places"/>, for good; other layers that read the same constant keep it.</summary>
    internal void EditVector(ParameterSite site, string name, Func<float, int, float> edit, int[]? places = null) => _edits.Edit(site, $"{name}.vector", values =>
    {
        for (var i = 0; i < (places?.Length ?? values.Length); i++)
            values[places?[i] ?? i] = edit(values[places?[i] ?? i], i);
    });

    /// <inheritdoc cref="Dropouts.Apply"/>
    internal string Dropout(string tensor, double rate, params long[] shape) => _dropouts.Apply(Graph, tensor, rate, shape);

    /// <summary>Dropout on what a linear layer reads: the hidden states, or in its second place the relative positions, which all rows share (along a
    /// length that the graph does not tell the mask is the same).</summary>
    internal string DropoutOfInput(LinearSite site, string input, double rate) => input == site.Input
        ? Dropout(input, rate, Dropouts.Batch, Dropouts.Tokens, site.InWidth)
        : Dropout(input, rate, [.. Graph.ShapeOf(input).Select(d => d.IsKnown ? d.Value : 1)]);

    /// <summary>Lets everything that reads <paramref name="tensor"/> read the result of <paramref name="edit"/> instead.</summary>
    internal void After(string tensor, Func<string, string> edit)
    {
        RequireRows(tensor);
        var readers = Graph.Model.Graph.Nodes.Where(n => n.Inputs.Contains(tensor)).ToArray();
        var result = edit(tensor);
        foreach (var inputs in readers.Select(r => r.Inputs))
        {
            for (var i = 0; i < inputs.Count; i++)
                inputs[i] = inputs[i] == tensor ? result : inputs[i];
        }
        if (tensor == Hidden)
            Hidden = result;
    }

    /// <summary>Lets one linear layer read the result of <paramref name="edit"/> of its input.</summary>
    internal void Before(LinearSite site, string name, Func<string, string> edit)
    {
        if (site.IsQuantized)
            throw Unreachable(name, "is quantized, so its input cannot be changed");
        RequireOnePlace(name, site.Second);
        foreach (var place in site.Places)
        {
            RequireRows(place.Node.Input(0));
            place.Node.Inputs[0] = edit(place.Node.Input(0));
        }
    }

    /// <summary>With several tasks the rows must be told apart: [rows, sequence, width], not [rows x sequence, width].</summary>
    void RequireRows(string tensor)
    {
        if (_stacks is not null && Graph.RankOf(tensor) != 3)
            throw new SeveralTasksException($"'{tensor}' of '{Backbone.Name}' has {Graph.RankOf(tensor)} dimensions, in which rows of several tasks cannot be told apart; expected [rows, sequence, width]. Export the backbone in another way, or merge adapters of another method.");
    }

    /// <summary>With several tasks each row has values of its own, but what a layer makes of relative positions is the same for all rows.</summary>
    void RequireOnePlace(string name, object? second)
    {
        if (_stacks is not null && second is not null)
            throw new SeveralTasksException($"{name} of '{Backbone.Name}' acts on relative positions too, which rows of several tasks share. Merge adapters that leave query and key alone.");
    }

    /// <summary>Lets everything that reads the output of a linear layer, bias included, read the result of <paramref name="edit"/> instead.</summary>
    internal void After(LinearSite site, string name, Func<string, string> edit) => After(site, name, (_, y) => edit(y));

    /// <summary>The same with an edit of input and output.</summary>
    internal void After(LinearSite site, string name, Func<string, string, string> edit)
    {
        RequireOnePlace(name, site.Second);
        foreach (var place in site.Places)
            After(place.Output ?? throw Unreachable(name, $"has no output of its own: it is fused into {place.FusedInto}"), y => InColumns(place, name, y, part => edit(place.Input, part)));
    }

    /// <summary>Adds a term, computed from the input, to the output of a linear layer.</summary>
    internal void Add(LinearSite site, string name, Func<string, string> term)
    {
        RequireOnePlace(name, site.Second);
        foreach (var place in site.Places)
        {
            After(place.Output ?? place.Product ?? throw Unreachable(name, $"has no output of its own: it is fused into {place.FusedInto}"),
                y => InColumns(place, name, y, part => Graph.Add(part, term(place.Input))));
        }
    }

    /// <summary>Edits those columns of a packed product that belong to the site.</summary>
    string InColumns(LinearSite site, string name, string y, Func<string, string> edit)
    {
        if (!site.IsPacked)
            return edit(y);
        if (site.Columns is not [var (start, count)])
            throw Unreachable(name, "lies in several pieces of a packed product");
        var axis = Graph.RankOf(y) - 1;
        var part = edit(Graph.Slice(y, axis, start, start + count));
        string?[] parts = [start > 0 ? Graph.Slice(y, axis, 0, start) : null, part, start + count < site.OutWidth ? Graph.Slice(y, axis, start + count, site.OutWidth) : null];
        return Graph.Concat(axis, [.. parts.OfType<string>()]);
    }

    /// <summary>The last <paramref name="last"/> layers, all for 0, each with the name that its tensors begin with.</summary>
    internal IEnumerable<(string Name, EncoderLayer Layer)> Layers(int last)
    {
        if (Anatomy.Layers.Count == 0)
            throw new OrtPeftException($"No layers were found in '{Backbone.Name}': it has no attention of a known form. Methods that read the last hidden state, such as {LinearProbeOptions.Name}, still work.");
        if (last < 0 || last > Anatomy.Layers.Count)
            throw new OrtPeftException($"layers is {last}; '{Backbone.Name}' has {Anatomy.Layers.Count}. Expected 0 (all) to {Anatomy.Layers.Count}.");
        return Anatomy.Layers.Skip(last == 0 ? 0 : Anatomy.Layers.Count - last).Select(layer => (BackboneSites.LayerName(layer.Index), layer));
    }

    /// <summary>The norms of the last <paramref name="last"/> layers and the one behind them; with all layers those of the embeddings too.</summary>
    internal IEnumerable<(string Name, NormSite Norm)> Norms(int last)
    {
        var layers = Layers(last).SelectMany(l => EncoderRoles.Norms(l.Layer).Select(n => (Name: $"{l.Name}.{n.Role}", n.Site)));
        if (last == 0 && Anatomy.Entry.Norm is { } embeddings)
            layers = layers.Prepend(("embeddings.norm", embeddings));
        return Anatomy.FinalNorm is { } final ? layers.Append(("final.norm", final)) : layers;
    }

    /// <summary>A site that must be there.</summary>
    /// <exception cref="OrtPeftException">It was not found.</exception>
    internal T Require<T>(T? site, string name)
        where T : class => site ?? throw Unreachable(name, Anatomy.Missing.GetValueOrDefault(name) is { } reason ? $"was not found: {reason}" : "does not exist in this graph");

    OrtPeftException Unreachable(string name, string why) =>
        new($"The site {name} of '{Backbone.Name}' {why}. Choose other sites or another method; `ortpeft inspect --sites` lists what there is.");

    /// <summary>The token ids: int64 [rows, sequence].</summary>
    internal string Ids => InputOf(InputRole.Ids) ?? throw new OrtPeftException($"'{Backbone.Name}' reads no token ids.");

    /// <summary>The input of a role; null when the backbone has none.</summary>
    internal string? InputOf(InputRole role) => Backbone.InputNames.FirstOrDefault(i => Backbone.RoleOf(i) == role);

    /// <summary>Says that the hidden states begin with <paramref name="count"/> tokens that are not of the text.</summary>
    internal void AddTokens(int count)
    {
        _addedTokens += count;
        TakenPositions += count;
    }

    /// <summary>Positions that the text cannot have, because something trained stands there.</summary>
    internal int TakenPositions { get; private set; }

    /// <summary>Moves the positions of the text behind <paramref name="count"/> others, in backbones that look positions up in a table.</summary>
    internal void ShiftPositions(int count)
    {
        if (Anatomy.Entry.Positions is not { Indices: { } indices, Table.Node: var lookup })
            return;
        lookup.Inputs[1] = Graph.Add(indices, Graph.Constant(Constants.Of("", Graph.TypeOf(indices), [count])));
        TakenPositions += count;
    }

    /// <summary>The mask of the hidden states, given that of the text: tokens added in front count.</summary>
    internal string MaskOf(GraphBuilder g, string mask) => _addedTokens == 0 ? mask
        : g.Concat(1, g.Expand(g.Constant([1f], 1, 1), g.Concat(0, g.DimOf(mask, 0), g.Vector(_addedTokens))), mask);

    /// <summary>Makes a valid graph of what was edited: nodes in order, no shapes noted by the exporter that are no longer true.</summary>
    internal void Finish()
    {
        _stacks?.WriteInPlace();
        GraphEdits.Sort(Graph.Model);
        Graph.Model.Graph.ValueInfos.Clear();
    }
}
