using OrtPeft;

return await CommandLine.RunAsync(args).ConfigureAwait(false);
