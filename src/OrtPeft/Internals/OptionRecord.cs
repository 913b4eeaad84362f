using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace OrtPeft;

/// <summary>A record of options that a user sets as option=value, and that files hold as JSON.</summary>
/// <param name="Owner">Whose options they are, as a sentence says it: "method 'lora'".</param>
/// <param name="Type">The record; it can be made without arguments.</param>
sealed record OptionRecord(string Owner, Type Type)
{
    /// <summary>The name of a method is not one of its options.</summary>
    static readonly JsonSerializerOptions Strict = new(Json.Compact)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        PropertyNameCaseInsensitive = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { type => RemoveProperty(type, "method") } },
    };

    /// <summary>The record with <paramref name="settings"/> ("option=value") over the defaults.</summary>
    /// <param name="flag">The option of the command line that they come from.</param>
    /// <param name="settings">The settings.</param>
    /// <exception cref="OrtPeftException">Unknown option, or a value of the wrong type.</exception>
    internal object Parse(string flag, IEnumerable<string> settings)
    {
        var json = new JsonObject();
        foreach (var setting in settings)
        {
            if (setting.Split('=', 2) is not [var name, var value])
                throw new OrtPeftException($"{flag} '{setting}' is not option=value; {Known}");
            json[name.Trim()] = Value(Property(name.Trim()), value.Trim());
        }
        return FromJson(json);
    }

    /// <exception cref="OrtPeftException">Unknown option, or a value of the wrong type.</exception>
    internal object FromJson(JsonNode? options)
    {
        try
        {
            return (options ?? new JsonObject()).Deserialize(Type, Strict)!;
        }
        catch (JsonException e)
        {
            var name = e.Path is ['$', '.', .. var path] ? path : "";
            throw new OrtPeftException(Property(name) is { } property
                ? $"Option {name} of {Owner} is {options![name]?.ToJsonString() ?? "null"}; expected {Expected(property.PropertyType)}."
                : $"{char.ToUpperInvariant(Owner[0])}{Owner[1..]} has no option '{name}'; {Known}", e);
        }
    }

    internal static JsonNode ToJson(object options) => JsonSerializer.SerializeToNode(options, options.GetType(), Strict)!;

    /// <summary>Every option by name with its default.</summary>
    internal IEnumerable<(string Name, string Value, PropertyInfo Property)> Options =>
        ToJson(Activator.CreateInstance(Type)!).AsObject().Select(o => (o.Key, o.Value?.ToString() ?? "", Property(o.Key)!));

    string Known => Options.Any() ? $"its options are {string.Join(", ", Options.Select(o => o.Name))}." : "it has none.";

    PropertyInfo? Property(string name) =>
        Type.GetProperty(name, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase) is { CanWrite: true } property ? property : null;

    static void RemoveProperty(JsonTypeInfo type, string name)
    {
        if (type.Properties.FirstOrDefault(p => p.Name == name) is { } property)
            type.Properties.Remove(property);
    }

    static string Expected(Type type) => type switch
    {
        { IsEnum: true } => string.Join(" or ", Enum.GetNames(type).Select(JsonNamingPolicy.KebabCaseLower.ConvertName)),
        _ when type == typeof(int) || type == typeof(long) => "a whole number",
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(string) => "text",
        _ => "a number",
    };

    static JsonNode Value(PropertyInfo? property, string text)
    {
        if (property?.PropertyType is { IsEnum: true } || property?.PropertyType == typeof(string))
            return text;
        if (long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var integer))
            return integer;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
            return number;
        return bool.TryParse(text, out var flag) ? flag : text;
    }
}
