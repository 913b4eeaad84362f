namespace OrtPeft;

/// <summary>Cuts the pieces of a text into smaller ones (roughly: words), which a model then tokenizes one by one.</summary>
abstract class PreTokenizer
{
    /// <summary>Whether it must know where pieces came from even when the caller does not.</summary>
    internal virtual bool NeedsOrigins => false;

    /// <summary>Replaces every piece that is not an added token by what it is cut into.</summary>
    internal virtual void Apply(Pieces pieces)
    {
        foreach (var piece in pieces.All)
        {
            if (piece.Token >= 0)
                pieces.Add(piece);
            else
                Split(pieces, piece);
        }
        pieces.Commit();
    }

    /// <summary>Adds the parts of one piece to the next list.</summary>
    protected abstract void Split(Pieces pieces, Piece piece);
}
