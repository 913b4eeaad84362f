using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace OrtPeft;

/// <summary>
/// What OpenTelemetry and other listeners in the process can hear: activities and instruments under the name "OrtPeft". They cost nothing
/// while nobody listens.
/// </summary>
static class Telemetry
{
    internal const string Name = "OrtPeft";

    internal static readonly ActivitySource Activities = new(Name);

    static readonly Meter Meter = new(Name);

    /// <summary>Steps of training.</summary>
    internal static readonly Counter<long> Steps = Meter.CreateCounter<long>("ortpeft.training.steps", "{step}", "Steps of training.");

    /// <summary>Loss of a step.</summary>
    internal static readonly Histogram<double> Loss = Meter.CreateHistogram<double>("ortpeft.training.loss", "1", "Loss of a step of training.");

    /// <summary>Examples whose features were computed.</summary>
    internal static readonly Counter<long> Features = Meter.CreateCounter<long>("ortpeft.features.computed", "{example}", "Examples whose features were computed.");
}
