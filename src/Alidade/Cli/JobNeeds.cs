using System.CommandLine;
using Alidade.Client;
using Alidade.Commands;
using Alidade.Engine.Jobs;

namespace Alidade.Cli;

/// <summary>Options that say where, when and after what a job runs.</summary>
internal sealed class JobNeeds
{
    private readonly Option<long?> _priority = new("--priority")
    {
        Description = "From -100 to 100; one step is worth ten minutes of waiting",
    };
    private readonly Option<string[]> _labels = NamedValues.LabelOption(
        "The worker must have this label; may be given many times"
    );
    private readonly Option<double?> _cpu = new("--cpu") { Description = "Processors it takes, such as 0.5" };
    private readonly Option<string?> _memory = new("--memory") { Description = "Memory it takes, such as 4GiB" };
    private readonly Option<long?> _gpus = new("--gpus") { Description = "GPUs it takes" };
    private readonly Option<long[]> _after = new("--after")
    {
        Description = "A job that must end before; may be given many times",
        HelpName = "JOB",
    };
    private readonly Option<string?> _afterPolicy = new("--after-policy")
    {
        Description = "When a job before it does not finish: finished (then it fails), skip or any (default: finished)",
    };
    private readonly Option<long?> _retries = new("--retries") { Description = "Tries after a failure of its code" };
    private readonly Option<string?> _notBefore = new("--not-before")
    {
        Description = "Wait until this moment, such as 2027-01-31T18:00:00Z",
    };
    private readonly Option<string?> _notAfter = new("--not-after")
    {
        Description = "Fail if it has not begun by this moment",
    };

    public IEnumerable<Option> Options =>
        [_priority, _labels, _cpu, _memory, _gpus, _after, _afterPolicy, _retries, _notBefore, _notAfter];

    public JobContent AddTo(JobContent content, ParseResult parsed) =>
        content with
        {
            Priority = parsed.GetValue(_priority),
            Labels = parsed.GetValue(_labels) is { Length: > 0 } labels ? NamedValues.Split(labels) : null,
            Resources = Resources(parsed),
            After = parsed.GetValue(_after) is { Length: > 0 } jobs ? jobs : null,
            AfterPolicy = parsed.GetValue(_afterPolicy),
            MaxFailures = parsed.GetValue(_retries),
            NotBefore = parsed.GetValue(_notBefore),
            NotAfter = parsed.GetValue(_notAfter),
        };

    private JobResources? Resources(ParseResult parsed)
    {
        var memory = parsed.GetValue(_memory);
        var bytes = memory is null
            ? (long?)null
            : Amounts.Bytes(memory) ?? throw new CommandException($"'{memory}' is no amount of memory: write 4GiB.");
        var asked = new JobResources(parsed.GetValue(_cpu), bytes, parsed.GetValue(_gpus));
        return asked == new JobResources() ? null : asked;
    }
}
