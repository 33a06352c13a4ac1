# shellcheck shell=bash
# Source this for install_openapi_validator and validate_openapi: openapi-spec-validator from PyPI, with all that it needs,
# in `.engine/openapi`. Nothing of it is built in.

# shellcheck source=script/lib/python-package.sh
source script/lib/python-package.sh

openapi_prefix=.engine/openapi
openapi_validator=openapi-spec-validator==0.9.0
# What it depends on.
openapi_constraints=(
    annotated-types==0.8.0 attrs==26.1.0 jsonschema==4.26.0 jsonschema-path==0.5.0 jsonschema-specifications==2025.9.1
    lazy-object-proxy==1.13.0 openapi-schema-validator==0.9.0 pathable==0.6.0 pydantic==2.14.4 pydantic-core==2.50.5
    pydantic-settings==2.16.3 python-dotenv==1.2.4 PyYAML==6.0.4 referencing==0.37.0 rfc3339-validator==0.1.4
    rpds-py==2026.9.1 six==1.17.0 typing-extensions==4.16.0 typing-inspection==0.4.5
)

# 1, with the reason, where it cannot be had.
install_openapi_validator() { install_python_package "$openapi_prefix" "$openapi_validator" "${openapi_constraints[@]}"; }

validate_openapi() { # file
    PYTHONPATH=$openapi_prefix /usr/bin/python3 -m openapi_spec_validator "$1"
}
