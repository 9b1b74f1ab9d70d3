using System.CommandLine;
using Alidade.Commands;

var root = new RootCommand("Alidade runs, tracks and compares machine-learning experiments.")
{
    new ServeCommand(),
    new ConfigCommand(),
};
return await root.Parse(args).InvokeAsync();
