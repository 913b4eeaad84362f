namespace OrtPeft.Tests;

/// <summary>A console project outside the repository that gets OrtPeft from the packed packages, and everything else from where this machine gets it.</summary>
sealed class ConsoleApp
{
    readonly string _folder;
    readonly string _name;

    internal ConsoleApp(string name, string program, params string[] otherPackages)
    {
        _name = name;
        _folder = Directory.CreateDirectory(Path.Combine(Packages.Temporary, name)).FullName;
        File.WriteAllText(Path.Combine(_folder, "Program.cs"), program);
        File.WriteAllText(Path.Combine(_folder, $"{name}.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="OrtPeft" Version="{Packages.Version}" />
                {string.Concat(otherPackages.Select(id => $"""<PackageReference Include="{id}" Version="{Packages.Version}" />"""))}
              </ItemGroup>
            </Project>
            """);
        // What is packed here is unpacked here, not into the machine's package folder; the rest is read from there.
        File.WriteAllText(Path.Combine(_folder, "nuget.config"), $"""
            <configuration>
              <packageSources>
                <add key="packed" value="{Packages.Folder}" />
              </packageSources>
              <fallbackPackageFolders>
                <add key="machine" value="{MachinePackages()}" />
              </fallbackPackageFolders>
            </configuration>
            """);
    }

    /// <summary>The built program's .deps.json.</summary>
    internal string DependenciesFile => Output(".deps.json");

    internal (int ExitCode, string Output, string Errors) Build() =>
        DotNet.TryRun(_folder, "dotnet", ["build", $"-p:RestorePackagesPath={Path.Combine(Packages.Temporary, "unpacked")}"]);

    /// <summary>Builds the program and runs it with <paramref name="folder"/> as its working directory.</summary>
    internal string BuildAndRun(string folder)
    {
        var build = Build();
        Assert.That(build.ExitCode, Is.Zero, build.Output);
        return DotNet.Run(folder, Output(".dll"));
    }

    string Output(string extension) => Path.Combine(_folder, "bin", "Debug", "net10.0", _name + extension);

    static string MachinePackages() => DotNet.Run(Packages.Root, "nuget", "locals", "global-packages", "--list", "--force-english-output").Split(": ", 2)[1].Trim();
}
