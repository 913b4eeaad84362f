namespace OrtPeft;

/// <summary>A picture of what a method found out before it was trained.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Note">How to read it.</param>
abstract record FoundPicture(string Title, string Note)
{
    internal abstract Html Draw();
}
