using System.Text.Json;

namespace OrtPeft;

/// <summary>What peft's files have no place for, kept in the metadata of the tensors' file, which peft passes over.</summary>
/// <param name="Task">The task.</param>
/// <param name="Labels">The labels in the order of the scores.</param>
/// <param name="Pooling">How token states become one vector.</param>
/// <param name="MaxLength">Longest text in tokens.</param>
sealed record PeftNotes(TaskInfo Task, IReadOnlyList<string> Labels, PoolingKind Pooling, int MaxLength)
{
    const string MetadataKey = "ortpeft";

    internal static PeftNotes? Read(PeftFile file)
    {
        if (!file.Metadata.TryGetValue(MetadataKey, out var text))
            return null;
        try
        {
            var notes = JsonSerializer.Deserialize<PeftNotes>(text, Json.Compact);
            return notes is { Task.Name: not null, Labels: not null } && notes.Labels.All(l => l is not null) && LearningTasks.Table.ContainsKey(notes.Task.Name) ? notes : throw new JsonException();
        }
        catch (JsonException e)
        {
            throw new OrtPeftException($"'{file.Path}' cannot be imported: its metadata '{MetadataKey}' is not what this version writes.", e);
        }
    }

    internal void Write(SafetensorsWriter writer) => writer.Metadata(MetadataKey, JsonSerializer.Serialize(this, Json.Compact));
}
