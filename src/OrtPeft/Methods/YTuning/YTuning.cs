using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>What Y-Tuning trains and where it starts (arXiv 2202.09817).</summary>
static class YTuning
{
    /// <summary>The label matrix [1 + labels x vectors, D]: task vector first, then the labels' vectors, label by label.</summary>
    internal const string Labels = "labels";

    internal static TunableGraph Apply(YTuningOptions options, Backbone backbone, LearningTask task, long seed)
    {
        var labels = HasPointer(task) ? task.Labels : [];
        var tensors = Tensors(options, backbone.Hidden, LabelMatrix(options, backbone, labels, seed), seed);
        return Graph(options, task, HasPointer(task) ? tensors : [.. tensors, .. OutputLayer.Tensors(task, backbone.Hidden, seed)]);
    }

    internal static TunableGraph Graph(YTuningOptions options, LearningTask task, IReadOnlyList<TrainedTensor> tensors) => new()
    {
        View = FeatureView.Tokens,
        Target = task.Target,
        Tensors = tensors,
        Forward = head => HasPointer(task)
            ? LabelEncoder.Scores(head, options, task.Outputs)
            : OutputLayer.Scores(head.Builder, task, LabelEncoder.TaskVector(head, options)),
        ChanceLoss = HasMargin(options, task) ? options.Margin * (task.Outputs - 1) : null,
        Loss = HasMargin(options, task)
            ? (g, scores, oneHot, weights) => MarginLoss.Build(g, scores, oneHot, (float)options.Margin, weights)
            : task.Loss,
    };

    static bool HasMargin(YTuningOptions options, LearningTask task) =>
        options.Loss == YTuningLoss.Margin && task.Target == TargetKind.Class && task.LossOptions.Name is null;

    /// <summary>Whether scores compare the task vector with label vectors; numbers and ordered levels are read off the task vector, which is then alone.</summary>
    internal static bool HasPointer(LearningTask task) => task is ClassificationTask or MultiLabelTask;

    /// <summary>All trained tensors: projections Xavier-uniform, biases 0, LayerNorm 1 and 0.</summary>
    internal static IReadOnlyList<TrainedTensor> Tensors(YTuningOptions options, int width, TrainedTensor labels, long seed)
    {
        var tensors = new List<TrainedTensor> { labels };
        for (var layer = 0; layer < options.Layers; layer++)
        {
            foreach (var attention in new[] { "self", "cross" })
            {
                foreach (var projection in "qkvo")
                {
                    tensors.Add(TrainedTensor.XavierUniform($"psi.{layer}.{attention}.W{projection}", seed, width, width));
                    tensors.Add(TrainedTensor.Constant($"psi.{layer}.{attention}.b{projection}", 0, width));
                }
            }
            tensors.Add(TrainedTensor.XavierUniform($"psi.{layer}.ffn.W1", seed, width, options.FeedForward));
            tensors.Add(TrainedTensor.Constant($"psi.{layer}.ffn.b1", 0, options.FeedForward));
            tensors.Add(TrainedTensor.XavierUniform($"psi.{layer}.ffn.W2", seed, options.FeedForward, width));
            tensors.Add(TrainedTensor.Constant($"psi.{layer}.ffn.b2", 0, width));
            for (var norm = 1; norm <= 3; norm++)
                AddNorm($"psi.{layer}.norm{norm}");
        }
        if (options.Norm == NormPlacement.Pre)
            AddNorm("norm");
        return tensors;

        void AddNorm(string name)
        {
            tensors.Add(TrainedTensor.Constant($"{name}.weight", 1, width));
            tensors.Add(TrainedTensor.Constant($"{name}.bias", 0, width));
        }
    }

    /// <summary>
    /// Rows start as the mean input embedding of the name's tokens; N(0, 0.02^2) where there is no name. A label's further vectors get
    /// that start plus N(0, 0.02^2), because equal vectors would stay equal.
    /// </summary>
    static TrainedTensor LabelMatrix(YTuningOptions options, Backbone backbone, IReadOnlyList<string> labels, long seed)
    {
        var width = backbone.Hidden;
        var matrix = TrainedTensor.Normal(Labels, 0.02, seed, 1 + labels.Count * options.VectorsPerLabel, width);
        Start(options.TaskName, 0, keepNoise: false);
        if (options.LabelNames)
        {
            for (var label = 0; label < labels.Count; label++)
            {
                for (var vector = 0; vector < options.VectorsPerLabel; vector++)
                    Start(labels[label], 1 + label * options.VectorsPerLabel + vector, keepNoise: vector > 0);
            }
        }
        return matrix;

        void Start(string name, int row, bool keepNoise)
        {
            if (backbone.MeanTokenEmbedding(name) is not { } start)
                return;
            var target = matrix.Values.AsSpan(row * width, width);
            if (!keepNoise)
                target.Clear();
            System.Numerics.Tensors.TensorPrimitives.Add(target, start, target);
        }
    }
}
