namespace OrtPeft;

/// <summary>What an input of a text encoder means.</summary>
enum TextInputRole
{
    Ids,
    Mask,
    TypeIds,
}
