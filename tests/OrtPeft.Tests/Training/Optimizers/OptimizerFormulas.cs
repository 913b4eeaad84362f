namespace OrtPeft.Tests;

/// <summary>The published update rules, tensor by tensor in double precision, as the papers write them.</summary>
static class OptimizerFormulas
{
    /// <summary>A tensor as rows and columns (one row for a vector), its moments by name, all changed in place.</summary>
    internal sealed record State(double[] Value, int Rows, int Columns, bool IsMatrix)
    {
        internal Dictionary<string, double[]> Moments { get; } = [];

        internal double[] Moment(string name, int length) => Moments.TryGetValue(name, out var moment) ? moment : Moments[name] = new double[length];
    }

    internal delegate void Rule(State state, double[] gradient, double rate, double decay, int step);

    internal static readonly IReadOnlyDictionary<string, Rule> Table = new Dictionary<string, Rule>
    {
        ["adamw"] = (s, g, rate, decay, t) => Adam(s, g, rate, t, i => s.Value[i] *= 1 - rate * decay),
        ["adam"] = (s, g, rate, decay, t) => Adam(s, [.. g.Select((x, i) => x + decay * s.Value[i])], rate, t, _ => { }),
        ["sgd"] = (s, g, rate, decay, _) => ForEach(s, i => s.Value[i] = s.Value[i] * (1 - rate * decay) - rate * g[i]),
        ["momentum"] = (s, g, rate, decay, _) => Momentum(s, g, rate, decay, (gradient, m) => m),
        ["nesterov"] = (s, g, rate, decay, _) => Momentum(s, g, rate, decay, (gradient, m) => gradient + 0.9 * m),
        ["lion"] = Lion,
        ["lamb"] = Lamb,
        ["adafactor"] = Adafactor,
    };

    static void Adam(State s, double[] g, double rate, int t, Action<int> decay)
    {
        var (m, v) = AdamMoments(s, g);
        ForEach(s, i =>
        {
            decay(i);
            s.Value[i] -= rate * (m[i] / (1 - Math.Pow(0.9, t))) / (Math.Sqrt(v[i] / (1 - Math.Pow(0.999, t))) + 1e-8);
        });
    }

    static (double[] M, double[] V) AdamMoments(State s, double[] g)
    {
        var (m, v) = (s.Moment("m", g.Length), s.Moment("v", g.Length));
        ForEach(s, i => (m[i], v[i]) = (0.9 * m[i] + 0.1 * g[i], 0.999 * v[i] + 0.001 * g[i] * g[i]));
        return (m, v);
    }

    static void Momentum(State s, double[] g, double rate, double decay, Func<double, double, double> direction)
    {
        var m = s.Moment("m", g.Length);
        ForEach(s, i =>
        {
            m[i] = 0.9 * m[i] + g[i];
            s.Value[i] = s.Value[i] * (1 - rate * decay) - rate * direction(g[i], m[i]);
        });
    }

    static void Lion(State s, double[] g, double rate, double decay, int t)
    {
        var m = s.Moment("m", g.Length);
        ForEach(s, i =>
        {
            s.Value[i] = s.Value[i] * (1 - rate * decay) - rate * Math.Sign(0.9 * m[i] + 0.1 * g[i]);
            m[i] = 0.99 * m[i] + 0.01 * g[i];
        });
    }

    static void Lamb(State s, double[] g, double rate, double decay, int t)
    {
        var (m, v) = AdamMoments(s, g);
        var r = s.Value.Select((p, i) => m[i] / (1 - Math.Pow(0.9, t)) / (Math.Sqrt(v[i] / (1 - Math.Pow(0.999, t))) + 1e-6) + decay * p).ToArray();
        var (normP, normR) = (Norm(s.Value), Norm(r));
        var trust = normP > 0 && normR > 0 ? normP / normR : 1;
        ForEach(s, i => s.Value[i] -= rate * trust * r[i]);
    }

    static void Adafactor(State s, double[] g, double rate, double decay, int t)
    {
        var beta = 1 - Math.Pow(t, -0.8);
        var squares = g.Select(x => x * x + 1e-30).ToArray();
        double[] second;
        if (s.IsMatrix)
        {
            var (rows, columns) = (s.Moment("rows", s.Rows), s.Moment("columns", s.Columns));
            for (var i = 0; i < s.Rows; i++)
                rows[i] = beta * rows[i] + (1 - beta) * squares.Skip(i * s.Columns).Take(s.Columns).Average();
            for (var j = 0; j < s.Columns; j++)
                columns[j] = beta * columns[j] + (1 - beta) * squares.Where((_, k) => k % s.Columns == j).Average();
            second = [.. g.Select((_, k) => rows[k / s.Columns] * columns[k % s.Columns] / rows.Average())];
        }
        else
        {
            second = s.Moment("rows", g.Length);
            s.Moment("columns", 1);
            ForEach(s, i => second[i] = beta * second[i] + (1 - beta) * squares[i]);
        }
        var update = g.Select((x, i) => x / Math.Sqrt(second[i])).ToArray();
        var clip = Math.Max(1, RootMeanSquare(update));
        var scaled = rate * Math.Max(1e-3, RootMeanSquare(s.Value));
        ForEach(s, i => s.Value[i] = s.Value[i] * (1 - rate * decay) - scaled * update[i] / clip);
    }

    static double Norm(double[] x) => Math.Sqrt(x.Sum(v => v * v));

    static double RootMeanSquare(double[] x) => Norm(x) / Math.Sqrt(x.Length);

    static void ForEach(State s, Action<int> action)
    {
        for (var i = 0; i < s.Value.Length; i++)
            action(i);
    }
}
