using Alidade.EndToEnd.Tests;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace Alidade.EndToEnd.Tests;

/// <summary>
/// The pages share one browser and the demo is one long job: begun last, either of them would go on alone when all else
/// has ended.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Long = ["PagesFixture", "DemoTests"];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(
        IReadOnlyCollection<TTestCollection> testCollections
    )
        where TTestCollection : ITestCollection =>
        [
            .. testCollections.OrderBy(c =>
                Long.Any(l => c.TestCollectionDisplayName.Contains(l, StringComparison.Ordinal)) ? 0 : 1
            ),
        ];
}
