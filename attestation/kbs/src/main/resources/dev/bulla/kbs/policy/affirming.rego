# To guests with at least one appraisal, each of which is affirming.
package policy

import rego.v1

default allow := false

allow if {
	count(input.submods) >= 1
	every appraisal in input.submods {
		appraisal["ear.status"] == "affirming"
	}
}
