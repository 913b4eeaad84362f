namespace OrtPeft;

/// <summary>A low-rank term beside chosen linear layers.</summary>
static class Lora
{
    internal const string A = ".lora_A", B = ".lora_B", Magnitude = ".lora_magnitude";

    internal static void Hook(HookScope scope, LoraOptions options)
    {
        var g = scope.Graph;
        foreach (var (name, layer, site) in Targets(scope, options.Layers, options.Targets))
        {
            var (r, width) = (options.RankIn(layer), site.Columns.Sum(c => c.Count));
            var scale = options.ScaleOf(r);
            var (startA, startB) = Start(options, name, r, site.InWidth, width);
            var a = scope.Train(name + A, startA, r, site.InWidth);
            var b = scope.TrainAt(options.RateOfB, name + B, startB, width, r);
            if (options.Dora)
                Dora.Hook(scope, name, site, Update, Product(a, b));
            else
                scope.Add(site, name, Update);

            string Update(string x)
            {
                var term = Term(scope.DropoutOfInput(site, x, options.Dropout), a, b);
                return options.Found is { } start ? g.Sub(term, Term(x, Constant(start, name + A, r, site.InWidth), Constant(start, name + B, width, r))) : term;
            }

            string Term(string x, string a, string b) => g.MatMul(g.Mul(g.MatMul(x, g.SwapLastTwo(a)), scale), g.SwapLastTwo(b));

            // What the term adds to the weight, [in, out].
            string Product(string a, string b)
            {
                var product = g.Mul(g.SwapLastTwo(g.MatMul(b, a)), scale);
                return options.Found is not { } start ? product
                    : g.Sub(product, g.Mul(g.SwapLastTwo(g.MatMul(Constant(start, name + B, width, r), Constant(start, name + A, r, site.InWidth))), scale));
            }
        }

        string Constant(Finding start, string name, params long[] shape) => g.Constant(start.Value(name, shape).Values.AsSpan(), shape);
    }

    /// <summary>W' = W + scale (B A)^T, with the lengths of its columns where DoRA trains them.</summary>
    internal static void Fuse(HookScope scope, LoraOptions options)
    {
        foreach (var (name, layer, site) in Targets(scope, options.Layers, options.Targets))
        {
            var scale = options.ScaleOf(options.RankIn(layer));
            scope.EditWeight(site, name, w =>
            {
                w.AddProduct(scope.Trained(name + A), scope.Trained(name + B), scale);
                if (options.Found is { } start)
                    w.AddProduct(start.Values.First(v => v.Name == name + A).Values, start.Values.First(v => v.Name == name + B).Values, -scale);
                if (options.Dora)
                    w.ScaleColumns([.. scope.Trained(name + Magnitude).Zip(w.ColumnNorms(), (length, norm) => length / norm)]);
            });
        }
    }

    /// <summary>The chosen linear layers with their names and the numbers of their layers; a role that no layer has is an error.</summary>
    internal static IEnumerable<(string Name, int Layer, LinearSite Site)> Targets(HookScope scope, int layers, string targets)
    {
        foreach (var role in EncoderRoles.Parse($"{LoraOptions.Name}: targets", targets))
        {
            var sites = scope.Layers(layers).Select(l => (Name: $"{l.Name}.{role}", l.Layer.Index, Site: EncoderRoles.Linear(l.Layer, role))).ToArray();
            // A gate is not part of every network, so that `all` may do without.
            if (targets == "all" && sites.All(s => s.Site is null))
                continue;
            foreach (var (name, index, site) in sites)
                yield return (name, index, scope.Require(site, name));
        }
    }

    static (InitialValues A, InitialValues B) Start(LoraOptions options, string name, int rank, int inWidth, int outWidth) => options.Found is { } start
        ? (Initial.From(start.Value(name + A, rank, inWidth)), Initial.From(start.Value(name + B, outWidth, rank)))
        // Kaiming-uniform with a = sqrt(5), as PyTorch starts a linear layer: within 1 / sqrt(in).
        : (Initial.Uniform(1 / Math.Sqrt(inWidth)), Initial.Zeros);
}
