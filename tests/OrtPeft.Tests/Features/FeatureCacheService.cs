#pragma warning disable CA1848, CA1873 // a sample to read, not a hot path
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OrtPeft.Samples;

/// <summary>Keeps the features of a growing data set up to date in the background of a .NET service.</summary>
sealed class FeatureCacheService(Backbone backbone, IMailSource mails, string folder, ILogger<FeatureCacheService> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var job = new FeatureJob
        {
            Backbone = backbone,
            Source = mails.ReadAsync(stoppingToken),
            Folder = folder,
            Data = "mails",
            Options = new FeatureOptions { MaxLength = 32 },
        };
        var progress = new Progress<FeatureProgress>(p => logger.LogDebug("{Examples} texts, {Tokens} tokens", p.Examples, p.Tokens));
        var result = await job.RunAsync(progress, stoppingToken);   // stopped or killed, it goes on next time
        logger.LogInformation("{Computed} texts computed, {Reused} were there", result.Computed, result.Reused);

        using var cache = await FeatureCache.OpenAsync(result.Folder, stoppingToken);
        await foreach (var mail in mails.ReadAsync(stoppingToken))
            logger.LogDebug("{Id}: {Rows} tokens", mail.Id, cache.Read(mail).Length / cache.Width);
    }
}

/// <summary>Where the texts come from: a database, a queue, a folder.</summary>
interface IMailSource
{
    IAsyncEnumerable<Example> ReadAsync(CancellationToken cancellationToken);
}
