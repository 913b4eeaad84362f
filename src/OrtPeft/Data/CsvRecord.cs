using System.Text;

namespace OrtPeft;

/// <summary>Splits one CSV record (RFC 4180), which may run over several lines, into its fields.</summary>
sealed class CsvRecord(LineReader lines)
{
    readonly StringBuilder _field = new();
    string _line = "";
    int _position;

    /// <summary>Adds the fields of the record that starts at the reader's current line, and leaves the reader at the record's last line.</summary>
    internal void Read(List<string> fields)
    {
        TakeLine();
        while (true)
        {
            fields.Add(_position < _line.Length && _line[_position] == '"' ? Quoted(fields.Count + 1) : Plain());
            if (_position == _line.Length)
                return;
            _position++; // the comma
        }
    }

    void TakeLine()
    {
        _line = Encoding.UTF8.GetString(lines.Line.Span);
        _position = 0;
    }

    string Plain()
    {
        var end = _line.IndexOf(',', _position);
        var field = end < 0 ? _line[_position..] : _line[_position..end];
        _position += field.Length;
        return field;
    }

    string Quoted(int column)
    {
        var openedAt = lines.LineNumber;
        _field.Clear();
        _position++;
        while (true)
        {
            var quote = _line.IndexOf('"', _position);
            if (quote < 0)
            {
                _field.Append(_line, _position, _line.Length - _position).Append(lines.LineBreak);
                if (_field.Length > LineReader.LongestLine)
                    throw DataError.At(lines.Path, openedAt,
                        $"field {column} is longer than {LineReader.LongestLine} characters. Is its closing quote missing?");
                if (!lines.Read())
                    throw DataError.At(lines.Path, openedAt, $"field {column} opens with a quote that is never closed.");
                TakeLine();
                continue;
            }
            _field.Append(_line, _position, quote - _position);
            _position = quote + 1;
            if (_position == _line.Length || _line[_position] == ',')
                return _field.ToString();
            if (_line[_position] != '"')
                throw DataError.At(lines.Path, lines.LineNumber,
                    $"field {column}: text follows the closing quote at character {quote + 1}. Write a quote inside a quoted field as two quotes.");
            _field.Append('"');
            _position++;
        }
    }
}
