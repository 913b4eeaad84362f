namespace OrtPeft.Tests;

sealed class MultiPredictorTests
{
    static readonly ExecutionOptions OneThread = new() { Threads = 1 };

    [Test]
    public void Adapters_added_to_a_running_predictor_answer_as_they_do_alone()
    {
        var backbone = Tiny.Backbone();
        Adapter[] adapters =
        [
            TinyAdapter.Of(backbone, new LoraOptions(), 2, 1), TinyAdapter.Of(backbone, new LinearProbeOptions(), 3, 2), TinyAdapter.Of(backbone, new LoraOptions(), 4, 3),
            TinyAdapter.Of(backbone, new PrefixOptions { Tokens = 2 }, 2, 4), TinyAdapter.Of(backbone, new BitFitOptions(), 2, 5), TinyAdapter.Of(backbone, new MlpOptions(), 2, 6),
            TinyAdapter.Of(backbone, new LoraOptions { Layers = 1 }, new TaggingTask(new LabelSet(["O", "B-X"])), 7),
        ];
        Example[] mails = [.. Tiny.Mails(9).Select(m => m with { Label = null })];
        using var predictor = new MultiPredictor(TinyAdapter.Set(backbone, adapters[..2]), OneThread);
        for (var count = 2; count <= adapters.Length; count++)
        {
            if (count > 2)
                predictor.Add(TinyAdapter.Set(backbone, adapters[..count]));
            var answers = predictor.Predict(mails).ToArray();
            Assert.That(predictor.Names, Has.Count.EqualTo(count));
            for (var i = 0; i < count; i++)
            {
                using var alone = new HeadRunner(backbone, [new TrainedHead(adapters[i], backbone)], 32, OneThread);
                var words = new WordPlaces(backbone, 32);
                var expected = alone.Run(mails, default)[0].Select((scores, m) => alone.Heads[0].Task.Answer(mails[m], scores, words)).ToArray();
                Assert.That(answers.Select(a => a[i].Label), Is.EqualTo(expected.Select(e => e.Label)), adapters[i].Info.Method);
                Assert.That(answers.Select(a => a[i].Score), Is.EqualTo(expected.Select(e => e.Score)).Within(1e-5), adapters[i].Info.Method);
            }
        }
    }

    [Test]
    public void A_task_of_a_method_that_is_there_needs_no_other_session()
    {
        var backbone = Tiny.Backbone();
        TaskMember Of(MethodOptions options, int labels, long seed) => AdapterTask.Of("task", TinyAdapter.Of(backbone, options, labels, seed), backbone);
        using var runner = new TaskRunner(backbone, [Of(new LoraOptions(), 2, 1), Of(new PastaOptions { Pooling = PoolingKind.Cls }, 2, 2)], 32, OneThread);
        Assert.That(runner.TryAdd(Of(new LoraOptions { Pooling = PoolingKind.Cls }, 5, 3)), Is.True, "more labels than any other");
        Assert.That(runner.TryAdd(Of(new LinearProbeOptions(), 2, 4)), Is.True, "a head alone");
        Assert.That(runner.TryAdd(Of(new LoraOptions { Rank = 4 }, 2, 5)), Is.False, "another rank");
        Assert.That(runner.TryAdd(Of(new LoraOptions { Pooling = PoolingKind.Max }, 2, 6)), Is.False, "another pooling");
        Assert.That(runner.Run([.. Tiny.Mails(3)], default).Select(task => task[0].Length), Is.EqualTo(new[] { 2, 2, 5, 2 }));
    }
}
