namespace Alidade.Engine.Python;

/// <summary>Recognises imports and notes what they bind.</summary>
internal sealed class ImportParser(TokenReader tokens, ImportTable imports)
{
    public void Import(bool isOfModule)
    {
        tokens.Take();
        do
        {
            var module = Module();
            var alias = Alias();
            if (isOfModule)
            {
                imports.Import(module, alias);
            }
        } while (tokens.TryTake(","));
    }

    public void ImportFrom(bool isOfModule)
    {
        tokens.Take();
        var dots = 0;
        for (; tokens.Sees(".") || tokens.Sees("..."); dots++)
        {
            tokens.Take();
        }
        var module = dots > 0 && tokens.Sees("import") ? "" : Module();
        tokens.Expect("import", "after the name of the module");
        if (tokens.TryTake("*"))
        {
            return;
        }
        var isEnclosed = tokens.TryTake("(");
        do
        {
            var name = tokens.ExpectName("a name to import");
            var alias = Alias();
            if (isOfModule)
            {
                imports.ImportFrom(dots > 0 ? "." + module : module, name, alias);
            }
        } while (tokens.TryTake(",") && !(isEnclosed && tokens.Sees(")")));
        if (isEnclosed)
        {
            tokens.Expect(")", "or a comma");
        }
    }

    private string Module()
    {
        var parts = new List<string>();
        do
        {
            parts.Add(tokens.ExpectName("the name of a module"));
        } while (tokens.TryTake("."));
        return string.Join('.', parts);
    }

    private string? Alias() => tokens.TryTake("as") ? tokens.ExpectName("a name") : null;
}
