using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>The input of an image encoder: how images are prepared for it, and how many tokens it makes of one.</summary>
/// <param name="Model">The encoder's folder or file, for messages.</param>
/// <param name="Preparation">What `preprocessor_config.json` says; null when there is none.</param>
/// <param name="Tokens">Tokens of an image: its patches, and special tokens such as [CLS].</param>
sealed record ImageInput(string Model, ImagePreparation? Preparation, int Tokens)
{
    const int Grey = 1, Colour = 3;

    internal ImagePreparation RequirePreparation() => Preparation ?? throw new OrtPeftException(
        $"Model '{Model}' has no {PreprocessorConfig.FileName} beside it, so it is not known how images are prepared for it. Copy it there from where the model is published.");

    /// <summary>Reads the preparation and finds the number of tokens in the shapes that follow from it.</summary>
    /// <exception cref="OrtPeftException">The preparation does not give what the model takes, or the number of tokens cannot be told.</exception>
    internal static ImageInput Find(BackboneFolder files, OnnxModel model, string lastHiddenState)
    {
        var input = model.Graph.Inputs.First(i => i.Shape is { Count: 4 });
        var shape = input.Shape!;
        var preparation = files.PreparationPath() is { } path ? PreprocessorConfig.Read(path, shape[1].IsKnown ? (int)shape[1].Value : Colour) : null;
        if (preparation is not null)
        {
            Dim[] given = [shape[0], preparation.Channels, preparation.Result.Height, preparation.Result.Width];
            if (preparation.Channels is not (Grey or Colour) || given.Where((d, i) => shape[i].IsKnown && shape[i] != d).Any())
                throw new OrtPeftException($"{PreprocessorConfig.FileName} prepares images as [{string.Join(", ", given)}], but '{files.ModelPath}' takes {input}. Restore the file that belongs to the model.");
            shape = given;
        }
        var fixedSize = model.Copy();
        fixedSize.Graph.Inputs[fixedSize.Graph.Inputs.FindIndex(i => i.Name == input.Name)] = new OnnxValueInfo(input.Name, input.ElementType, shape);
        var tokens = ShapeInference.Infer(fixedSize)[lastHiddenState].Shape![1];
        if (!tokens.IsKnown)
            throw new NotAnEncoderException($"'{files.ModelPath}' does not tell how many tokens it makes of an image ({input} to {lastHiddenState}). Put {PreprocessorConfig.FileName} beside it, or export it for images of one size.");
        return new ImageInput(files.Path, preparation, (int)tokens.Value);
    }
}
