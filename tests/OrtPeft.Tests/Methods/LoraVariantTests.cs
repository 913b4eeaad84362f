using MathNet.Numerics.LinearAlgebra;

namespace OrtPeft.Tests;

/// <summary>Starts of LoRA taken from the weight, ranks by layer, and the plain form in which they are kept.</summary>
sealed class LoraVariantTests
{
    static readonly Matrix<double> Weight = Random(12, 20);

    [Test]
    public void Pissa_takes_the_largest_singular_values()
    {
        var (a, b) = LoraStart.Pissa(Weight, 3);
        var svd = Weight.Svd();
        var expected = svd.U.SubMatrix(0, 12, 0, 3) * Matrix<double>.Build.DenseOfDiagonalVector(svd.S.SubVector(0, 3)) * svd.VT.SubMatrix(0, 3, 0, 20);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((b * a - expected).FrobeniusNorm() / expected.FrobeniusNorm(), Is.LessThan(1e-3));
            Assert.That(a.Row(0).L2Norm(), Is.EqualTo(Math.Sqrt(svd.S[0])).Within(1e-3), "each factor has the root of the singular value");
            Assert.That(b.Column(0).L2Norm(), Is.EqualTo(Math.Sqrt(svd.S[0])).Within(1e-3));
        }
    }

    [Test]
    public void Olora_takes_the_first_columns_and_rows_of_a_QR_decomposition()
    {
        var weight = Random(20, 12);
        var (a, b) = LoraStart.Olora(weight, 3);
        var qr = weight.QR(MathNet.Numerics.LinearAlgebra.Factorization.QRMethod.Full);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((b * a - qr.Q.SubMatrix(0, 20, 0, 3) * qr.R.SubMatrix(0, 3, 0, 12)).FrobeniusNorm(), Is.LessThan(1e-9));
            Assert.That((b.TransposeThisAndMultiply(b) - Matrix<double>.Build.DenseIdentity(3)).FrobeniusNorm(), Is.LessThan(1e-12));
        }
    }

    /// <summary>2 in, 1 out: rank 1 with scale 4 in the first layer, rank 2 with scale 2 elsewhere.</summary>
    [Test]
    public void Ranks_of_their_own_are_filled_up_with_zeros()
    {
        var options = new LoraOptions { Rank = 2, Ranks = "0:1", Alpha = 4 };
        var (settled, tensors) = options.Settled([new("layer.0.attention.q.lora_A", [1, 2], [5, 6]), new("layer.0.attention.q.lora_B", [1, 1], [7]),
            new("layer.1.attention.q.lora_A", [2, 2], [1, 2, 3, 4]), new("layer.1.attention.q.lora_B", [1, 2], [8, 9]), new("output.bias", [1], [1])]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(settled, Is.EqualTo(options with { Ranks = "" }));
            Assert.That(tensors.Select(t => t.Values), Is.EqualTo(new float[][] { [5, 6, 0, 0], [14, 0], [1, 2, 3, 4], [8, 9], [1] }));
        }
    }

    [Test]
    public void What_was_taken_from_the_weight_is_subtracted_beside_the_trained_rank()
    {
        var found = new Finding([new("s.lora_A", [1, 2], [1, 2]), new("s.lora_B", [3, 1], [3, 4, 5])], []);
        var (settled, tensors) = new LoraOptions { Rank = 1, Alpha = 2, Init = LoraInit.Pissa, Found = found }.Settled([new("s.lora_A", [1, 2], [6, 7]), new("s.lora_B", [3, 1], [8, 9, 10])]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(((LoraOptions)settled, ((LoraOptions)settled).Scale, settled.Found), Is.EqualTo((new LoraOptions { Rank = 2, Alpha = 4, Init = LoraInit.Pissa }, 2, (Finding?)null)));
            Assert.That(tensors[0].Values, Is.EqualTo([6, 7, 1, 2]));
            Assert.That(tensors[1].Values, Is.EqualTo([8, -3, 9, -4, 10, -5]));
        }
    }

    [Test]
    public async Task The_adapter_that_is_kept_answers_as_the_training_did([Values] LoraInit init, [Values] bool dora)
    {
        using var folder = new TemporaryFolder();
        var tuner = Tuner.For(Tiny.Backbone()).With(new LoraOptions { Rank = 2, Ranks = "1:3", Init = init, Dora = dora }).With(new FeatureOptions { MaxLength = 32 }).With(new TrainingOptions { Epochs = 4, BatchSize = 8, LearningRate = 0.01 }).CacheIn(folder["features"]);
        var tuned = await tuner.FitAsync(Tiny.Mails(96), Tiny.Mails(24, seed: 1));
        tuned.Save(folder["adapter"]);
        var loaded = Adapter.Load(folder["adapter"]);
        using var predictor = Predictor.Load(folder["adapter"]);
        var again = predictor.Evaluate(Tiny.Mails(24, seed: 1));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(tuned.Dev.Metrics.Values, Is.EqualTo(tuned.Best.Metrics));
            Assert.That(again.Predictions.Select(p => p.Score), Is.EqualTo(tuned.Dev.Predictions.Select(p => p.Score)));
            Assert.That(((LoraOptions)loaded.Method).Rank, Is.EqualTo(init == LoraInit.Kaiming ? 3 : 6));
        }
    }

    [TestCase("4", "lora: ranks is '4'; expected each layer once, as in 4:16,5:16.")]
    [TestCase("4:2,4:3", "expected each layer once")]
    [TestCase("4:-2", "expected each layer once")]
    public void Ranks_written_in_another_way_are_refused(string ranks, string message) =>
        Assert.That(() => new LoraOptions { Ranks = ranks }.RankIn(0), Throws.TypeOf<OrtPeftException>().With.Message.Contains(message));

    static Matrix<double> Random(int rows, int columns)
    {
        var random = new CounterRandom(1, "weight");
        return Matrix<double>.Build.Dense(rows, columns, (_, _) => random.NextNormal());
    }
}
