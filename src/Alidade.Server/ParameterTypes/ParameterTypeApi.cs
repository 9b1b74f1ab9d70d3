using Alidade.Server.Platform.Resources;

namespace Alidade.Server.ParameterTypes;

/// <summary><c>/pluginParameterTypes</c>.</summary>
public static class ParameterTypeApi
{
    public static void MapParameterTypeApi(this IEndpointRouteBuilder api) =>
        api.MapVersioned<ParameterTypeService, ParameterTypeInput, ParameterTypeChange, ParameterTypeView>(
            ResourceKind.ParameterType
        );
}
