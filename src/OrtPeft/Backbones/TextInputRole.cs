namespace OrtPeft;

/// <summary>What an input of an encoder means.</summary>
enum TextInputRole
{
    Ids,
    Mask,
    TypeIds,
    Pixels,
}
