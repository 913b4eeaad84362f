namespace OrtPeft;

/// <summary>What an input of an encoder means.</summary>
enum InputRole
{
    Ids,
    Mask,
    TypeIds,
    Pixels,
}
