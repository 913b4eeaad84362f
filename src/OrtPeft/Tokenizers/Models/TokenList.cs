using System.Runtime.InteropServices;

namespace OrtPeft;

/// <summary>The tokens of one sequence, and working memory that models may use while they add to it. One per encoding thread.</summary>
sealed class TokenList
{
    int[] _ids = new int[128];
    TextSpan[] _spans = new TextSpan[128];
    int[] _words = new int[128];

    // Words that are added tokens, in ascending order; most texts have none.
    readonly List<int> _addedWords = [];

    // Of tokens that are spelled as in the text: added ones and Unigram's unknown ones. In ascending order.
    readonly List<(int Token, EndSpaces Spaces)> _endSpaces = [];

    LatticeNode[] _lattice = [];

    internal int Count { get; private set; }

    /// <summary>Working memory of BPE.</summary>
    internal BpeWord Word { get; } = new();

    internal int Capacity => Math.Max(Math.Max(_ids.Length, _lattice.Length), Word.Capacity);

    internal ReadOnlySpan<int> Ids => _ids.AsSpan(0, Count);

    internal Span<TextSpan> Spans => _spans.AsSpan(0, Count);

    internal Span<int> Words => _words.AsSpan(0, Count);

    /// <summary>Working memory of Unigram: nodes that nothing has reached, the first with score 0.</summary>
    internal Span<LatticeNode> Lattice(int length)
    {
        if (_lattice.Length < length)
            _lattice = new LatticeNode[Math.Max(length, _lattice.Length * 2)];
        var lattice = _lattice.AsSpan(0, length);
        lattice.Fill(new() { Start = -1, Id = -1 });
        return lattice;
    }

    internal void Clear()
    {
        Count = 0;
        _addedWords.Clear();
        _endSpaces.Clear();
    }

    internal void Truncate(int count) => Count = count;

    /// <summary>Whether a word was an added token, which no model has tokenized.</summary>
    internal bool IsAdded(int word) => _addedWords.BinarySearch(word) >= 0;

    /// <summary>Notes the spaces of a token whose spelling the vocabulary does not tell.</summary>
    internal void AddEndSpaces(int token, EndSpaces spaces) => _endSpaces.Add((token, spaces));

    /// <summary>The spaces at the ends of such a token; null for one that is spelled as in the vocabulary.</summary>
    internal EndSpaces? EndSpacesOf(int token)
    {
        var index = CollectionsMarshal.AsSpan(_endSpaces).BinarySearch(new ByToken(token));
        return index < 0 ? null : _endSpaces[index].Spaces;
    }

    readonly struct ByToken(int token) : IComparable<(int Token, EndSpaces Spaces)>
    {
        public int CompareTo((int Token, EndSpaces Spaces) other) => token.CompareTo(other.Token);
    }

    /// <summary>Adds an added token, which is a word by itself.</summary>
    internal void AddAdded(int id, int length, int word)
    {
        Add(id, 0, length);
        _addedWords.Add(word);
    }

    internal void Add(int id, int start, int end)
    {
        if (Count == _ids.Length)
        {
            Array.Resize(ref _ids, Count * 2);
            Array.Resize(ref _spans, Count * 2);
            Array.Resize(ref _words, Count * 2);
        }
        _ids[Count] = id;
        _spans[Count] = new(start, end);
        Count++;
    }
}
