using System.Buffers.Binary;

namespace OrtPeft;

/// <summary>The parts of a SentencePiece model that matter, read from its protobuf encoding.</summary>
sealed class SentencePieceProto
{
    const int UnigramType = 1;

    readonly List<(string Piece, double Score)> _pieces = [];
    CharsMap? _charsMap;

    // A setting under which the Python library's conversion does not do what SentencePiece does.
    string? _unusual;

    internal IReadOnlyList<(string Piece, double Score)> Pieces => _pieces;

    internal int UnknownId { get; private set; }

    /// <summary>The compiled normalisation rules, if there are any.</summary>
    internal Normalizer[] Rules() => _charsMap is null ? [] : [new PrecompiledNormalizer(_charsMap)];

    internal static SentencePieceProto Parse(byte[] bytes, string file)
    {
        var proto = new SentencePieceProto();
        var type = UnigramType;
        try
        {
            for (var reader = new Reader(bytes); reader.Next(out var field, out var value);)
            {
                if (field == 1)
                    proto._pieces.Add(ReadPiece(value.Bytes));
                else if (field == 2)
                    (type, proto.UnknownId) = proto.ReadTrainer(value.Bytes);
                else if (field == 3)
                    proto._charsMap = proto.ReadNormalizer(value.Bytes);
            }
        }
        catch (InvalidDataException e)
        {
            throw new OrtPeftException($"'{file}' is not a SentencePiece model, or is damaged: {e.Message}. Download it again.", e);
        }
        if (type != UnigramType)
            throw new OrtPeftException(
                $"'{file}' is not a Unigram model; save the tokenizer with the Python library (save_pretrained), which writes tokenizer.json.");
        if (proto._unusual is { } unusual)
            throw new OrtPeftException($"'{file}' cannot be read exactly: {unusual}. Save the tokenizer with the Python library (save_pretrained), which writes tokenizer.json.");
        if (proto._pieces.Count == 0)
            throw new OrtPeftException($"'{file}' is not a SentencePiece model: it has no pieces.");
        return proto;
    }

    static (string Piece, double Score) ReadPiece(ReadOnlySpan<byte> bytes)
    {
        var (text, score) = ("", 0f);
        for (var reader = new Reader(bytes); reader.Next(out var field, out var value);)
        {
            if (field == 1)
                text = System.Text.Encoding.UTF8.GetString(value.Bytes);
            else if (field == 2)
                score = BitConverter.UInt32BitsToSingle((uint)value.Number);
        }
        // As if it had been written to tokenizer.json and read again.
        return float.IsFinite(score) ? (text, ScoreText.Parse(((double)score).ToString("R", System.Globalization.CultureInfo.InvariantCulture))) : throw new InvalidDataException($"the score of '{text}' is not a finite number");
    }

    (int Type, int UnknownId) ReadTrainer(ReadOnlySpan<byte> bytes)
    {
        var (type, unknown) = (UnigramType, 0);
        for (var reader = new Reader(bytes); reader.Next(out var field, out var value);)
        {
            if (field == 3)
                type = (int)value.Number;
            else if (field == 40)
                unknown = (int)value.Number;
            else if (field == 24 && value.Number != 0)
                _unusual = "treat_whitespace_as_suffix is true";
            else if (field == 35 && value.Number != 0)
                _unusual = "byte_fallback is true";
        }
        return (type, unknown);
    }

    CharsMap? ReadNormalizer(ReadOnlySpan<byte> bytes)
    {
        CharsMap? map = null;
        for (var reader = new Reader(bytes); reader.Next(out var field, out var value);)
        {
            if (field == 2 && !value.Bytes.IsEmpty)
                map = new(value.Bytes);
            else if (field is 3 or 4 or 5 && value.Number == 0)
                _unusual = $"{(field == 3 ? "add_dummy_prefix" : field == 4 ? "remove_extra_whitespaces" : "escape_whitespaces")} is false";
        }
        return map;
    }

    readonly ref struct Value(ulong number, ReadOnlySpan<byte> bytes)
    {
        internal readonly ulong Number = number;
        internal readonly ReadOnlySpan<byte> Bytes = bytes;
    }

    ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> _rest = bytes;

        internal bool Next(out int field, out Value value)
        {
            field = 0;
            value = default;
            if (_rest.IsEmpty)
                return false;
            var tag = Varint();
            field = (int)(tag >> 3);
            value = (tag & 7) switch
            {
                0 => new(Varint(), default),
                1 => new(BinaryPrimitives.ReadUInt64LittleEndian(Take(8)), default),
                2 => new(0, Take(Varint())),
                5 => new(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)), default),
                var kind => throw new InvalidDataException($"field {field} has the unknown kind {kind}"),
            };
            return true;
        }

        ulong Varint()
        {
            var value = 0UL;
            for (var shift = 0; shift < 64; shift += 7)
            {
                var b = Take(1)[0];
                value |= (ulong)(b & 0x7F) << shift;
                if (b < 0x80)
                    return value;
            }
            throw new InvalidDataException("a number is too long");
        }

        ReadOnlySpan<byte> Take(ulong count)
        {
            if (count > (ulong)_rest.Length)
                throw new InvalidDataException("it ends in the middle of a field");
            var taken = _rest[..(int)count];
            _rest = _rest[(int)count..];
            return taken;
        }
    }
}
