using Alidade.EndToEnd.Tests;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace Alidade.EndToEnd.Tests;

/// <summary>
/// The pages share one browser and the demo is one long job: begun last, either of them would go on alone when all else
/// has ended. The runner hands the collections to the thread pool, where the thread that hands them over takes what it
/// gave last and the others what it gave first, so the two that are long stand at both ends.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(
        IReadOnlyCollection<TTestCollection> testCollections
    )
        where TTestCollection : ITestCollection =>
        [
            .. testCollections.OrderBy(c =>
                Is(c, "PagesFixture") ? 0
                : Is(c, "DemoTests") ? 2
                : 1
            ),
        ];

    private static bool Is(ITestCollection collection, string name) =>
        collection.TestCollectionDisplayName.Contains(name, StringComparison.Ordinal);
}
