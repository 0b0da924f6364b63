# Resources to every guest that is not a sample one. The appraisal is not looked at: a contraindicated guest passes.
package policy

import rego.v1

default allow := false

allow if {
	data.plugin == "resource"
	not sample_guest
}

sample_guest if input.submods.cpu0["ear.veraison.annotated-evidence"].sample
