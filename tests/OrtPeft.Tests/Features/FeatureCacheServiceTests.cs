using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using OrtPeft.Samples;

namespace OrtPeft.Tests;

/// <summary>The sample of the documentation is compiled, and does what it says.</summary>
sealed class FeatureCacheServiceTests
{
    [Test]
    public async Task The_service_fills_the_cache_and_ends()
    {
        using var place = new TemporaryFolder();
        using var service = new FeatureCacheService(Tiny.Backbone(), new Mails(), place["features"], NullLogger<FeatureCacheService>.Instance);
        await service.StartAsync(default);
        await service.ExecuteTask!;
        using var cache = await FeatureCache.OpenAsync(place["features"]);
        Assert.That(cache.Count, Is.EqualTo(20));
    }

    [Test]
    public void The_documentation_shows_this_very_service()
    {
        var folder = TestContext.CurrentContext.TestDirectory;
        var sample = File.ReadAllText(Path.Combine(folder, "FeatureCacheService.cs"));
        var shown = sample[sample.IndexOf("sealed class", StringComparison.Ordinal)..sample.IndexOf("/// <summary>Where", StringComparison.Ordinal)].TrimEnd();
        Assert.That(File.ReadAllText(Path.Combine(folder, "Features.md")), Does.Contain($"```csharp\n{shown}\n```"));
    }

    sealed class Mails : IMailSource
    {
        public async IAsyncEnumerable<Example> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            foreach (var mail in Tiny.Mails(20))
            {
                await Task.Yield();
                cancellationToken.ThrowIfCancellationRequested();
                yield return mail;
            }
        }
    }
}
