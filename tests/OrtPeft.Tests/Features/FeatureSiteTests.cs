using OrtPeft.Graphs;
using OrtPeft.Tests.Graphs;

namespace OrtPeft.Tests;

/// <summary>What is cached at a site is what the rest of the backbone needs.</summary>
sealed class FeatureSiteTests
{
    [TestCase("embeddings")]
    [TestCase("layer.1")]
    [TestCase("layer.2")]
    public void The_rest_of_the_backbone_gives_the_same_result_from_the_cache(string at) => RestGivesTheSame(at);

    [Test]
    public void So_it_does_when_the_cut_crosses_two_tensors()
    {
        var words = Tiny.Backbone().Model.Graph.Nodes.First(n => n.OpType == "Gather" && n.Inputs[1] == "input_ids").Outputs[0];
        RestGivesTheSame(words);
    }

    static void RestGivesTheSame(string at)
    {
        using var place = new CachePlace();
        var mails = Tiny.Mails(12);
        var result = place.Run("cache", mails, CachePlace.Small with { At = at });
        Assert.That(result.Site, Is.EqualTo(at));
        using var cache = FeatureCache.Open(result.Folder);
        var suffix = GraphCut.Suffix(place.Backbone.Model, cache.Tensors);
        using var encoder = new FrozenEncoder(place.Backbone, new ExecutionOptions { Threads = 1 });
        foreach (var mail in mails)
        {
            var length = cache.Length(FeatureKey.Of(mail));
            var feeds = cache.Tensors.Select((name, t) => (name, TestTensor.Of(cache.Read(mail, t), 1, length, cache.Width))).ToDictionary(t => t.name, t => t.Item2);
            // The rest may still ask how long the text is, never what it says: any ids do.
            foreach (var input in suffix.Graph.Inputs.Where(i => !feeds.ContainsKey(i.Name)).ToArray())
                feeds.Add(input.Name, TestTensor.Of([.. Enumerable.Repeat(1L, length)], 1, length));
            var rest = OrtRunner.Run(suffix, feeds)[place.Backbone.LastHiddenState].Values();
            encoder.Run([EncodedExample.Of(place.Backbone.RequireTokenizer(), mail, 16)], (hidden, _) =>
                Assert.That(rest.Select(v => (float)v), Is.EqualTo(hidden.ToArray()).Within(1e-5), mail.Id));
        }
    }

    [TestCase("mean", 1)]
    [TestCase("cls", 1)]
    [TestCase("0,-1", 2)]
    [TestCase("1,9", 1)]
    public void Chosen_tokens_are_those_of_the_whole(string keep, int rows)
    {
        using var place = new CachePlace();
        Example[] texts = [new() { Id = "1", Text = "free prize money" }, new() { Id = "2", Text = "meeting" }];
        place.Run("all", texts);
        place.Run("chosen", texts, CachePlace.Small with { Keep = keep });
        const int width = 32;
        foreach (var (all, chosen) in place.Values("all", texts).Zip(place.Values("chosen", texts)))
        {
            Assert.That(chosen, Has.Length.EqualTo(rows * width));
            var length = all.Length / width;
            var expected = keep switch
            {
                "mean" => Enumerable.Range(0, width).Select(i => Enumerable.Range(0, length).Average(t => all[t * width + i])),
                "cls" => all.Take(width),
                "0,-1" => all.Take(width).Concat(all.TakeLast(width)),
                _ => all.Skip(width).Take(width), // no text has a tenth token
            };
            Assert.That(chosen, Is.EqualTo(expected).Within(1e-6));
        }
    }

    [TestCase("first")]
    [TestCase("0,0")]
    [TestCase("")]
    public void Unknown_tokens_are_refused(string keep)
    {
        using var place = new CachePlace();
        Assert.That(() => place.Run("cache", Tiny.Mails(3), CachePlace.Small with { Keep = keep }), Throws.TypeOf<OrtPeftException>().With.Message.Contains("--keep is"));
    }

    [Test]
    public void A_method_that_trains_the_input_is_told_that_a_cache_cannot_help()
    {
        using var place = new CachePlace();
        Assert.That(() => place.Run("cache", Tiny.Mails(3), CachePlace.Small with { At = new TrainsTheInput().Frontier(place.Backbone) }),
            Throws.TypeOf<OrtPeftException>().With.Message.StartsWith("A cache cannot help here: 'input_ids' is an input of the model"));
        Assert.That(new YTuningOptions().Frontier(place.Backbone), Is.EqualTo("last-hidden-state"));
    }

    [Test]
    public void A_pooled_cache_serves_the_probe_that_pools_so_and_no_other_head()
    {
        using var place = new CachePlace();
        var mails = Tiny.Mails(20);
        place.Run("mean", mails, CachePlace.Small with { Keep = "mean" });
        place.Run("all", mails);
        using var mean = FeatureCache.Open(place["mean"]);
        using var all = FeatureCache.Open(place["all"]);
        var labels = Targets.Of(new int[mails.Count]);
        using var fromMean = new FeatureSet(mean, mails, labels, FeatureView.Mean).Batch([3, 4]);
        using var fromAll = new FeatureSet(all, mails, labels, FeatureView.Mean).Batch([3, 4]);
        Assert.That(fromMean.Features.ToArray(), Is.EqualTo(fromAll.Features.ToArray()));
        foreach (var view in new[] { FeatureView.Tokens, FeatureView.Cls })
            Assert.That(() => new FeatureSet(mean, mails, labels, view), Throws.TypeOf<OrtPeftException>().With.Message.Contains("holds last-hidden-state, tokens mean"));
    }

    sealed record TrainsTheInput : MethodOptions
    {
        public override string Method => "trains-the-input";
        internal override string Frontier(Backbone backbone) => "input_ids";
        internal override TrainingOptions Defaults(int examples) => new();
        internal override TunableGraph Apply(Backbone backbone, LearningTask task, long seed) => throw new NotSupportedException();
    }
}
