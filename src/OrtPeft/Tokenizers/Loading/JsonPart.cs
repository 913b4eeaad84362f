using System.Text.Json;

namespace OrtPeft;

/// <summary>A value inside a JSON file that knows where it stands, so that every complaint can say so.</summary>
readonly struct JsonPart(JsonElement element, string file, string path)
{
    internal JsonElement Element => element;

    internal bool IsNull => element.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined;

    internal JsonValueKind Kind => element.ValueKind;

    /// <summary>The part named <paramref name="name"/>; null if it is not there.</summary>
    internal JsonPart this[string name]
    {
        get
        {
            Expect(JsonValueKind.Object, "an object");
            return new(element.TryGetProperty(name, out var value) ? value : default, file, path.Length == 0 ? name : $"{path}.{name}");
        }
    }

    internal IEnumerable<JsonPart> Items()
    {
        Expect(JsonValueKind.Array, "a list");
        var (me, index) = (this, 0);
        return element.EnumerateArray().Select(item => me.At(item, index++));
    }

    /// <summary>The parts of an object with their names.</summary>
    internal IEnumerable<(string Name, JsonPart Part)> Parts()
    {
        Expect(JsonValueKind.Object, "an object");
        var (of, parent) = (file, path);
        return element.EnumerateObject().Select(p => (p.Name, new JsonPart(p.Value, of, $"{parent}.{p.Name}")));
    }

    internal int Count => element.GetArrayLength();

    JsonPart At(JsonElement item, int index) => new(item, file, $"{path}[{index}]");

    internal string Text()
    {
        Expect(JsonValueKind.String, "a text");
        return element.GetString()!;
    }

    internal string Text(string name) => this[name].Text();

    internal string? OptionalText(string name) => this[name] is { IsNull: false } part ? part.Text() : null;

    internal int Integer()
    {
        Expect(JsonValueKind.Number, "a whole number");
        return element.TryGetInt32(out var value) ? value : throw Error($"is {element}, expected a whole number below {int.MaxValue}");
    }

    /// <summary>A whole number that counts something: 0 or more.</summary>
    internal int Natural() => Integer() is >= 0 and var value ? value : throw Error($"is {element}, expected 0 or more");

    internal int Natural(string name) => this[name].Natural();

    internal double Number()
    {
        Expect(JsonValueKind.Number, "a number");
        return element.TryGetDouble(out var value) && double.IsFinite(value) ? value : throw Error($"is {element}, expected a finite number");
    }

    /// <summary>A number as <see cref="ScoreText"/> reads it.</summary>
    internal double Score()
    {
        Expect(JsonValueKind.Number, "a number");
        return ScoreText.Parse(element.GetRawText()) is var value && double.IsFinite(value) ? value : throw Error($"is {element}, expected a finite number");
    }

    internal bool Boolean(string name, bool? otherwise = null)
    {
        var part = this[name];
        return part.Kind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Null or JsonValueKind.Undefined when otherwise is { } value => value,
            _ => throw part.Unexpected("true or false"),
        };
    }

    internal bool? OptionalBoolean(string name) => this[name].IsNull ? null : Boolean(name);

    /// <summary>A value of an enumeration by its name; <paramref name="otherwise"/> when it is missing.</summary>
    internal TEnum OneOf<TEnum>(TEnum? otherwise = null)
        where TEnum : struct, Enum
    {
        if (IsNull && otherwise is { } value)
            return value;
        var text = Text();
        return Enum.GetNames<TEnum>().Contains(text, StringComparer.Ordinal)
            ? Enum.Parse<TEnum>(text)
            : throw Error($"is '{text}', expected one of {string.Join(", ", Enum.GetNames<TEnum>())}");
    }

    /// <summary>An error that names the file and the place in it.</summary>
    internal OrtPeftException Error(string what, Exception? inner = null) =>
        new($"'{file}': {(path.Length == 0 ? "the top level" : path)} {what}.", inner);

    void Expect(JsonValueKind kind, string expected)
    {
        if (element.ValueKind != kind)
            throw Unexpected(expected);
    }

    OrtPeftException Unexpected(string expected) => Error(IsNull
        ? $"is missing, expected {expected}"
        : $"is {(Kind is JsonValueKind.Object or JsonValueKind.Array ? Kind.ToString().ToLowerInvariant() : element)}, expected {expected}");
}
