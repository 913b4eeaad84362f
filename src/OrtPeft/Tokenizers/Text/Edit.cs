namespace OrtPeft;

/// <summary>
/// Rewrites a text character by character. Each written character either takes the place of the next source character (and those
/// removed after it) or is inserted; an inserted one stands for the same original text as the source character before it.
/// </summary>
ref struct Edit(AlignedView source, AlignedText target)
{
    readonly AlignedView _source = source;
    int _position;
    bool _inserted;

    /// <summary>Writes a character: <paramref name="change"/> 1 inserts, 0 replaces one source character, -n replaces 1 + n of them.</summary>
    internal void Write(int codePoint, int change)
    {
        _inserted = change > 0;
        if (_inserted)
        {
            target.Add(codePoint, Previous());
            return;
        }
        var start = _position;
        Skip(1);
        target.Add(codePoint, _source.Origin(start, _position));
        Skip(-change);
    }

    /// <summary>Writes source characters of one unit each, from <paramref name="start"/> on, each in the place of the next source character.</summary>
    internal void Copy(int start, int count)
    {
        if (start != _position)
        {
            for (var i = start; i < start + count; i++)
                Write(_source.Text[i], 0);
            return;
        }
        target.Add(_source, start, start + count);
        _position += count;
        _inserted = false;
    }

    /// <summary>Removes source characters.</summary>
    internal void Skip(int count)
    {
        for (; count > 0 && _position < _source.Text.Length; count--)
            _position += char.IsHighSurrogate(_source.Text[_position]) ? 2 : 1;
    }

    /// <summary>
    /// Removes source characters as part of the last change made. After an insertion the inserted character takes the place of the first of
    /// them; before any change nothing happens, and later characters are aligned too early (both as in the Hugging Face library).
    /// </summary>
    internal void SkipWithLast(int count, bool anythingWritten)
    {
        if (!anythingWritten)
            return;
        if (_inserted)
        {
            var start = _position;
            Skip(1);
            target.SetLastOrigin(_source.Origin(start, _position));
            _inserted = false;
            count--;
        }
        Skip(count);
    }

    readonly TextSpan Previous()
    {
        if (_position == 0)
            return new(_source.Base, _source.Base);
        var length = char.IsLowSurrogate(_source.Text[_position - 1]) ? 2 : 1;
        return _source.Origin(_position - length, _position);
    }
}
